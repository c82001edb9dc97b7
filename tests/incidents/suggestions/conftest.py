"""Learning that does not wait for a second processor."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from incidents.suggestions.training import SHARED


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """LightGBM's threads wait for each other by counting: where others work too, seconds become minutes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(SHARED, "num_threads", 1)
        yield
