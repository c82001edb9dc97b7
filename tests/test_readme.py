"""The README's session is real: every command in it is run, and prints what the README says it prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.pages import check_session, matches

README = ROOT / "README.md"


@pytest.mark.long
def test_the_session_in_the_readme_is_real(tmp_path: Path) -> None:
    check_session(README.read_text(encoding="utf-8"), tmp_path, least=11)


def test_matching_of_printed_lines_can_fail() -> None:
    assert matches(["a", "b", "c"], ["a", "...", "c"])
    assert not matches(["a", "b", "c"], ["a", "... x"])
    assert not matches(["a"], ["a", "b"])
    assert not matches(["a", "b"], ["a"])
