"""``incidents place add``, ``correct``, ``withdraw``, ``restore``, ``confirm`` and ``name``."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlmodel import col, select

from db.engine import Database
from db.session import read_session
from db.tables import ChangeSet

AL_JINAH = "recorded:173695"
WHY = ("--why", "from imagery")


def found(there: Any, text: str) -> dict[str, Any]:
    """The first candidate of a text, found by its key or name."""
    record = json.loads(there("place", "find", text, "--json", "--list").stdout)
    first: dict[str, Any] = record["candidates"][0]
    return first


def test_an_added_place_is_found_by_each_of_its_names(there: Any) -> None:
    more = ("--alias", "مخيم روج", "--code", "SY99", "--country", "SY", "--radius", "800m", "--kind", "landmark")
    done = there("place", "add", "Camp Rojtest", "--lon", "42.0797", "--lat", "37.0258", *more, *WHY)
    assert done.stdout == "hand:camp-rojtest: added (Camp Rojtest, landmark, lon 42.07970, lat 37.02580)\n"
    for name in ("Camp Rojtest", "مخيم روج", "SY99", "hand:camp-rojtest"):
        assert found(there, name)["key"] == "hand:camp-rojtest"
    assert found(there, "hand:camp-rojtest")["extent_m"] == 800
    error = there("place", "add", "Camp Rojtest", "--lon", "42.0797", "--lat", "37.0258", *WHY, exits=3).stderr
    assert error.startswith("[place_exists] ")


def test_who_and_why_are_kept(there: Any, world: Database) -> None:
    there("place", "correct", AL_JINAH, "--radius", "1.5km", *WHY, "--by", "B. Recorder")
    with read_session(world) as session:
        last = session.exec(select(ChangeSet.who, ChangeSet.why).order_by(col(ChangeSet.id).desc())).first()
    assert last == ("B. Recorder", "from imagery")


def test_a_correction_takes_only_what_is_given(there: Any) -> None:
    before = found(there, AL_JINAH)
    done = there("place", "correct", AL_JINAH, "--lon", "36.81", "--lat", "36.12", *WHY)
    assert done.stdout.startswith(f"{AL_JINAH}: corrected, now at version 2 (Al Jinah, settlement, lon 36.81000")
    after = found(there, AL_JINAH)
    assert (after["lon"], after["lat"]) == (36.81, 36.12)
    assert (after["name"], after["extent_m"]) == (before["name"], before["extent_m"])


def test_a_withdrawn_place_answers_to_nothing_until_it_is_restored(there: Any) -> None:
    there("place", "withdraw", AL_JINAH, *WHY)
    there("place", "find", AL_JINAH, exits=2)
    assert there("place", "restore", AL_JINAH, *WHY).stdout.startswith(f"{AL_JINAH}: restored (Al Jinah")
    assert found(there, AL_JINAH)["name"] == "Al Jinah"


def test_names_are_added_and_withdrawn(there: Any) -> None:
    done = there("place", "name", "add", AL_JINAH, "Quiteanothername", "--language", "fr", *WHY)
    assert done.stdout == f"{AL_JINAH}: called 'Quiteanothername' too (name, language fr)\n"
    assert found(there, "Quiteanothername")["key"] == AL_JINAH
    gone = there("place", "name", "withdraw", AL_JINAH, "Quiteanothername", *WHY)
    assert gone.stdout == f"{AL_JINAH}: no longer called 'Quiteanothername'\n"
    result = json.loads(there("place", "find", "Quiteanothername", "--json", "--list").stdout)
    assert "Quiteanothername" not in {one["matched"] for one in result["candidates"]}


def test_a_confirmed_text_is_sure_from_then_on(there: Any) -> None:
    there("place", "find", "Zhizhineh", exits=2)
    done = there("place", "confirm", "Zhizhineh", AL_JINAH, "--source", "a letter", "--admin1", "Aleppo")
    assert done.stdout.startswith(f"{AL_JINAH}: is what 'Zhizhineh' means (Al Jinah")
    first = found(there, "Zhizhineh, Aleppo")
    assert (first["key"], first["matched"]) == (AL_JINAH, "Zhizhineh")
    assert "a person confirmed this name" in first["reasons"]


@pytest.mark.input
@pytest.mark.parametrize(
    ("words", "code", "exits"),
    [
        (("correct", "nowhere:1", "--radius", "1km"), "unknown_place", 2),
        (("correct", AL_JINAH), "nothing_to_correct", 2),
        (("correct", AL_JINAH, "--lon", "36.8"), "half_a_point", 2),
        (("correct", AL_JINAH, "--radius", "far"), "bad_distance", 2),
        (("correct", AL_JINAH, "--population", "9", "--version", "7"), "stale_version", 3),
        (("withdraw", "nowhere:1"), "unknown_place", 2),
        (("restore", "nowhere:1"), "unknown_place", 2),
        (("add", "!!", "--lon", "42", "--lat", "37"), "empty_name", 2),
        (("add", "Place", "--lon", "420", "--lat", "37"), "out_of_range", 2),
        (("add", "Place", "--lon", "42", "--lat", "37", "--country", "Syria"), "bad_country", 2),
        (("name", "add", AL_JINAH, "Djina", "--language", "French"), "bad_language", 2),
        (("name", "withdraw", AL_JINAH, "Nothing"), "unknown_name", 2),
        (("name", "withdraw", AL_JINAH, "Al Jinah"), "main_name", 2),
        (("confirm", "Jinah", "nowhere:1", "--source", "a letter"), "unknown_place", 2),
        (("confirm", "near Idlib", AL_JINAH, "--source", "a letter"), "names_no_place", 2),
        (("confirm", "!", AL_JINAH, "--source", "a letter"), "names_no_place", 2),
        (("confirm", "5 km north of Idlib", AL_JINAH, "--source", "a letter"), "names_no_place", 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else str(value),
)
def test_what_cannot_be_done_is_told(there: Any, words: tuple[str, ...], code: str, exits: int) -> None:
    error = there("place", *words, *WHY, exits=exits).stderr
    assert error.startswith(f"[{code}] ")
