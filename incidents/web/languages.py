"""The two languages of the pages, and their small catalogue of words.

English is the key: a template says ``t("Search")``, and ``arabic.toml`` holds the Arabic beside it.
"""

from __future__ import annotations

import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files

COOKIE = "incidents_language"


class Language(StrEnum):
    """A language of the pages."""

    ENGLISH = "en"
    ARABIC = "ar"

    @property
    def direction(self) -> str:
        """The direction of the page, as HTML names it."""
        return "rtl" if self is Language.ARABIC else "ltr"


def chosen(asked: str | None, kept: str | None, accepted: str | None) -> Language:
    """The language of a page.

    Args:
        asked: ``lang`` in the address.
        kept: the cookie of an earlier choice.
        accepted: the browser's ``Accept-Language``, best first.
    """
    for wish in (asked, kept, *(accepted or "").split(",")):
        code = (wish or "").split(";")[0].strip()[:2].lower()
        if code in set(Language):
            return Language(code)
    return Language.ENGLISH


@cache
def catalogue() -> dict[str, str]:
    """English text by Arabic text."""
    return tomllib.loads((files("incidents.web") / "arabic.toml").read_text(encoding="utf-8"))


def translate(text: str, language: Language) -> str:
    """``text`` in ``language``; what the catalogue lacks stays English."""
    return catalogue().get(text, text) if language is Language.ARABIC else text


def word(value: str, language: Language) -> str:
    """A word of the vocabulary as people read it.

    >>> word("non_credible", Language.ENGLISH)
    'non credible'
    """
    return translate(value.replace("_", " "), language)
