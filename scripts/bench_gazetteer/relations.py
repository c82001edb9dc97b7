"""Relations: the hand-made tables of the tests, and the same texts through the door with the real gazetteer."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from shapely import Point
from sqlmodel import Session

from bench_gazetteer.accuracy import percent
from bench_gazetteer.figures import Section
from bench_gazetteer.points import tests_of
from gazetteer.geodesy import distance_m
from gazetteer.locate import locate

BAR = 95.0
NEAR_M = 10_000.0


def measure(session: Session) -> Section:
    """The share that is read right, drawn right, and found right."""
    section = Section("6. Relations, hand-made tables in tests/gazetteer/search, % right")
    phrases, circles = tests_of("search/test_phrases.py"), tests_of("search/test_point_radius.py")
    if phrases is None or circles is None:
        section.notes.append("Not measured: the tests are absent.")
        return section
    for what, rows, check in (
        ("texts read: relation, names, heading, distance", phrases.RELATIONS, phrases.test_a_relation_is_read),
        ("centre and radius", circles.FOOTPRINTS, circles.test_a_relation_has_its_centre_and_radius),
    ):
        wrong = [row[0] for row in rows if not _holds(check, row)]
        section.add(f"{len(rows)} {what}", percent(len(rows) - len(wrong), len(rows)), bar=BAR)
        section.lists[f"wrong: {what}"] = wrong
    _through_the_door(session, section, circles)
    return section


def _holds(check: Callable[..., None], row: tuple[Any, ...]) -> bool:
    try:
        check(*row)
    except AssertionError:
        return False
    return True


def _through_the_door(session: Session, section: Section, circles: ModuleType) -> None:
    """Whether `locate` puts each text where the hand-made table has it, given the country."""
    wrong = []
    for text, *_ in circles.FOOTPRINTS:
        wanted = circles.read(text)
        answer = locate(session, text, country="IQ" if wanted.lon > 42.4 else "SY")
        first = answer.candidates[0] if answer.candidates else answer
        if first.lon is None or first.lat is None:
            wrong.append(f"{text}: {answer.verdict.value}")
            continue
        away = distance_m(first.lon, first.lat, wanted.lon, wanted.lat)
        # "Countryside of X" is the governorate where the gazetteer has its polygon; the table knows towns only.
        inside = answer.area is not None and answer.area.covers(Point(wanted.lon, wanted.lat))
        if away > NEAR_M and not inside:
            wrong.append(f"{text}: {answer.verdict.value}, centre {away / 1000:.0f} km away")
    whole = len(circles.FOOTPRINTS)
    section.add(
        f"{whole} texts through locate: centre within 10 km, or in the answered area",
        percent(whole - len(wrong), whole),
        bar=BAR,
    )
    section.lists["wrong through locate"] = wrong
