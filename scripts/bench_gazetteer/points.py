"""Coordinates as people write them beside geopy's parser, and the governorate of a point beside reverse_geocoder."""

from __future__ import annotations

import importlib.util
import json
import statistics
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from geopy import Point
from sqlmodel import Session

from bench_gazetteer.accuracy import percent
from bench_gazetteer.clock import Clock, progress
from bench_gazetteer.figures import Section, Value
from db.errors import InputError
from db.vocabulary import PlaceKind
from gazetteer.coordinates import parse_coordinates
from gazetteer.geodesy import distance_m
from gazetteer.reverse import Settlements, UnitIndex
from gazetteer.sources.known_units import KnownUnits
from gazetteer.sources.store import PlaceRecord

TESTS = Path(__file__).resolve().parents[2] / "tests" / "gazetteer"
POINTS = 20_000
RIGHT_M = 1_000.0
"""How far off a peer may be, which states no radius; farther where the digits leave more open."""

PEER_NAMES = {"Mayorality of Baghdad": "Baghdad"}
"""Governorates that reverse_geocoder calls by a name of its own: it shall not lose by that."""

_Pair = tuple[float, float]
_Code = tuple[str | None, str | None]  # country and governorate


def tests_of(name: str) -> ModuleType | None:
    """A module of the tests, for its hand-made tables; None where the tests are absent."""
    path = TESTS / name
    if not path.exists():
        return None
    spec = importlib.util.spec_from_file_location(f"bench_{path.stem}", path)
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def coordinates() -> Section:
    """The table of the tests, read by ours and by geopy."""
    section = Section("5. Coordinates in text, numbers of the table in tests/gazetteer/test_coordinates.py")
    tables = tests_of("test_coordinates.py")
    if tables is None:
        section.notes.append("Not measured: the tests are absent.")
        return section
    wanted = [(text, tables.POINTS[place]) for place, text in tables.READ]
    for title in ("right", "refused", "silently wrong"):
        counts = {name: _count(parse, wanted, title) for name, parse in (("ours", _ours), ("geopy", _geopy))}
        bar = 0 if title == "silently wrong" else None
        section.add(f"{len(wanted)} notations: {title}", counts["ours"], bar=bar, at_most=True,
                    peers={"geopy": counts["geopy"]})  # fmt: skip
    unclear = [text for _, text in tables.REFUSED]
    answered = {name: sum(parse(text) is not None for text in unclear) for name, parse in _parsers()}
    section.add(f"{len(unclear)} texts that are broken or leave it open: given a point", answered["ours"], bar=0,
                at_most=True, peers={"geopy": answered["geopy"]})  # fmt: skip
    wrong = [text for text, point in wanted if _verdict(_ours, text, point) == "silently wrong"]
    section.lists["silently wrong by ours"] = wrong
    return section


def _parsers() -> tuple[tuple[str, Callable[[str], tuple[float, float, float] | None]], ...]:
    return ("ours", _ours), ("geopy", _geopy)


def _ours(text: str) -> tuple[float, float, float] | None:
    try:
        found = parse_coordinates(text)
    except InputError:
        return None
    return None if found is None else (found.lon, found.lat, found.radius_m + 1)


def _geopy(text: str) -> tuple[float, float, float] | None:
    try:
        with warnings.catch_warnings(action="ignore"):
            point = Point.from_string(text)
    except ValueError:
        return None
    own = _ours(text)
    # 36N 43E in whole degrees is no error of who reads it.
    return point.longitude, point.latitude, RIGHT_M if own is None else max(RIGHT_M, own[2])


def _count(parse: Callable[[str], Any], wanted: list[tuple[str, _Pair]], title: str) -> int:
    return sum(_verdict(parse, text, point) == title for text, point in wanted)


def _verdict(parse: Callable[[str], tuple[float, float, float] | None], text: str, point: _Pair) -> str:
    found = parse(text)
    if found is None:
        return "refused"
    lon, lat, within = found
    return "right" if distance_m(lon, lat, *point) <= within else "silently wrong"


def reverse(session: Session, shared: Path, split: str, repeat: int) -> Section:
    """The governorate of the labelled points, and points a second."""
    section = Section(f"5b. Governorate from coordinates, % of distinct texts, split {split}")
    peer = _reverse_geocoder(section)
    known, index, points = KnownUnits(session), UnitIndex(session), []
    for name, bar in (("ucdp_sy", 98.5), ("ucdp_iq", None)):
        lines = (shared / "data" / "geocoding" / f"{name}.jsonl").read_text("utf-8").splitlines()
        rows = [row for row in map(json.loads, lines) if row["prec"] in (1, 2) and row["admin1"]]
        rows = [row for row in rows if split in ("all", row["split"])]
        said = [_code(known, row["country"], row["admin1"]) for row in rows]
        points += [(row["lon"], row["lat"]) for row in rows]
        units = index.units(PlaceKind.ADM1, [row["lon"] for row in rows], [row["lat"] for row in rows])
        mine = [None if unit is None else (unit.country, unit.admin1) for unit in units]
        theirs: dict[str, Value] = {}
        if peer is not None:
            found = peer.query([(row["lat"], row["lon"]) for row in rows])
            codes = [_code(known, one["cc"], PEER_NAMES.get(one["admin1"], one["admin1"])) for one in found]
            theirs["reverse_geocoder"] = _share(codes, said)
        section.add(f"{name} (N {len(rows):,})", _share(mine, said), bar=bar, peers=theirs)
        section.notes.append(f"{name}: {said.count(None)} labels whose governorate is not known count as wrong.")
    _speed(section, session, points, peer, repeat)
    return section


def _share(found: Sequence[_Code | None], said: Sequence[_Code | None]) -> float | None:
    return percent(sum(a is not None and a == b for a, b in zip(found, said, strict=True)), len(said))


def _code(known: KnownUnits, country: str, name: str) -> _Code | None:
    """Country and code of a governorate in any spelling."""
    if name == "":
        return None
    code = known.coded(PlaceRecord("bench", "1", name, PlaceKind.ADM1, 0.0, 0.0, country=country), None).admin1
    return None if code is None else (country, code)


def _reverse_geocoder(section: Section) -> Any:
    """The peer with its own data loaded; None where it is not installed."""
    if importlib.util.find_spec("reverse_geocoder") is None:
        section.notes.append("reverse_geocoder is not installed: pip install --group bench.")
        return None
    clock = Clock()
    # Its file ships with it; it downloads nothing.
    found = importlib.import_module("reverse_geocoder").RGeocoder(mode=1, verbose=False)
    section.notes.append(f"reverse_geocoder took {clock.read()['seconds']:.1f} s to load.")
    return found


def _speed(section: Section, session: Session, points: list[_Pair], peer: Any, repeat: int) -> None:
    many = np.resize(np.array(points), (POINTS, 2))
    # Not the same point again and again: each is moved by up to a kilometre.
    many += np.random.default_rng(3).uniform(-0.01, 0.01, many.shape)
    lons, lats = many[:, 0], many[:, 1]
    clock = Clock()
    index = UnitIndex(session)
    section.add("reading the polygons, seconds", clock.read()["seconds"])
    settlements = Settlements(session)

    def both_levels() -> None:
        index.units(PlaceKind.ADM1, lons, lats)
        index.units(PlaceKind.ADM2, lons, lats)

    pairs = list(zip(lats.tolist(), lons.tolist(), strict=True))
    theirs = None if peer is None else _rate(lambda: peer.query(pairs), repeat)
    section.add(
        "governorate and district, points a second", _rate(both_levels, repeat), bar=13_000,
        peers={"reverse_geocoder": theirs},
    )  # fmt: skip
    section.add("all four levels, points a second", _rate(lambda: index.reverse_many(lons, lats), repeat))
    section.add(
        "all four levels and the nearest settlement, points a second",
        _rate(lambda: index.reverse_many(lons, lats, settlements=settlements), repeat),
    )
    section.notes.append("reverse_geocoder finds the nearest city of 1,000, in degrees, and its governorate.")
    progress(f"{POINTS:,} points to their units, {repeat} times")


def _rate(work: Callable[[], object], repeat: int) -> float:
    """Points a second, median."""
    seconds = []
    for _ in range(repeat):
        clock = Clock()
        work()
        seconds.append(clock.read()["seconds"])
    return POINTS / statistics.median(seconds)
