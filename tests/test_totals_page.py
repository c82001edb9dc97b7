"""The session of docs/totals.md is real: every command in it is run, and prints what the page says it prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from incidents.contradictions.clash import Kind
from tests.conftest import ROOT
from tests.pages import check_session

PAGE = ROOT / "docs" / "totals.md"


@pytest.mark.long
def test_the_session_of_the_page_is_real(tmp_path: Path) -> None:
    check_session(PAGE.read_text(encoding="utf-8"), tmp_path, least=13)


def test_every_kind_of_contradiction_is_told() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [kind.value for kind in Kind if kind.value not in page] == []
