from __future__ import annotations

import pytest

from incidents.nearest import nearest


@pytest.mark.parametrize(
    ("text", "names", "said"),
    [
        ("airwrs", ["airwars", "sohr"], "Nearest: airwars. "),
        ("al-jina", ["al-jinah", "al-jinah", "mosul"], "Nearest: al-jinah. "),
        ("xyz", ["airwars"], ""),
        ("airwars", [], ""),
    ],
)
def test_the_nearest_names_are_offered_once_and_only_where_they_are_near(
    text: str, names: list[str], said: str
) -> None:
    assert nearest(text, names) == said
