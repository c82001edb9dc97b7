"""One place text of a table and what the gazetteer says of it, as cells; each distinct text is looked up once."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import NamedTuple

from sqlmodel import Session

from db.cells import neutralise_cell
from db.errors import InputError
from db.vocabulary import PlaceKind, PrecisionLevel
from gazetteer.coordinates import Coordinates, check_against
from gazetteer.geodesy import distance_m
from gazetteer.locate import LONGEST, locate
from gazetteer.search.answer import Answer, Candidate, PlaceVerdict
from gazetteer.search.verdict import LEAST_NAMED
from gazetteer.units import units_containing

COLUMNS = (
    "longitude", "latitude", "radius_m", "precision", "verdict", "probability", "key", "matched", "hierarchy",
    "candidates", "notes",
)  # fmt: skip
"""What is added to each row, in this order, each with a prefix."""

ERROR = "error"
"""The verdict of a row whose place text, or which itself, cannot be read."""

BETWEEN = " | "
KEPT = 20_000  # distinct texts whose answers stay in memory; bounds it to some tens of megabytes
UNIT_KINDS = (PlaceKind.COUNTRY, PlaceKind.ADM1, PlaceKind.ADM2, PlaceKind.ADM3)
_SETTLED = (PlaceVerdict.SURE, PlaceVerdict.COARSE)


class Spot(NamedTuple):
    """What a row says of its place; rows that say the same are looked up once. Empty is not said."""

    name: str
    admin1: str = ""
    admin2: str = ""
    country: str = ""


class Point(NamedTuple):
    """A place that the text may mean: its key, longitude and latitude in degrees, and its extent in metres."""

    key: str
    lon: float
    lat: float
    extent_m: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a place text came to, small enough to keep many.

    Attributes:
        verdict: of `db.vocabulary.PlaceVerdict`, or :data:`ERROR`.
        cells: by name of :data:`COLUMNS`; what is missing is empty.
        notes: one sentence each.
        points: the answer's own point, or the candidates where there are several.
        by: who chose the place, where a person did.
    """

    verdict: str
    cells: Mapping[str, str]
    notes: tuple[str, ...] = ()
    points: tuple[Point, ...] = ()
    by: str | None = None

    def row(self, notes: tuple[str, ...] = ()) -> list[str]:
        """The cells of a row in the order of :data:`COLUMNS`, safe for a spreadsheet (B15).

        Args:
            notes: what is to be said of this row beside.
        """
        said = " ".join(" ".join(note.split()) for note in (*self.notes, *notes))
        cells = {**self.cells, "verdict": self.verdict, "notes": said}
        numbers = {"longitude", "latitude", "radius_m", "probability"}
        return [
            cells.get(name, "") if name in numbers else neutralise_cell(cells.get(name, ""))
            for name in COLUMNS
        ]  # fmt: skip


class Matcher:
    """Looks place texts up in one session, each distinct one once while it is kept.

    Args:
        session: an open session.
        limit: most candidates to show, at least 1.
        choices: what a person chose, by what the rows say.
        kept: most distinct texts to remember.
    """

    def __init__(
        self, session: Session, *, limit: int = 3, choices: Mapping[Spot, Found] | None = None, kept: int = KEPT
    ) -> None:
        self._session, self._limit, self._choices, self._most = session, max(1, limit), choices or {}, kept
        self._kept: OrderedDict[Spot, Found] = OrderedDict()
        self._hierarchies: dict[tuple[float, float, PrecisionLevel | None], str] = {}
        self._used: set[Spot] = set()
        self.looked_up = 0
        """How many texts were looked up so far."""

    def find(self, spot: Spot) -> Found:
        """What the gazetteer, or the person who chose, says of a text."""
        if spot in self._choices:
            self._used.add(spot)
            return self._choices[spot]
        if spot in self._kept:
            self._kept.move_to_end(spot)
            return self._kept[spot]
        found = self._look_up(spot)
        # Texts too long to be looked up are not worth the memory either.
        if len(spot.name) <= LONGEST:
            self._kept[spot] = found
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found

    def unused_choices(self) -> int:
        """How many choices are for texts that were not asked so far."""
        return len(self._choices) - len(self._used)

    def _look_up(self, spot: Spot) -> Found:
        self.looked_up += 1
        try:
            answer = asked(self._session, spot, limit=self._limit)
        except InputError as error:
            return Found(ERROR, {}, (in_one_line(error),))
        found = found_of(answer)
        if answer.verdict is PlaceVerdict.COARSE and found.cells["matched"] == "" and answer.area is not None:
            return replace(found, cells={**found.cells, "hierarchy": self._hierarchy(answer)})
        return found

    def _hierarchy(self, answer: Answer) -> str:
        """The names of the unit that a coarse answer is, and of those above it: its point lies in them."""
        if answer.lon is None or answer.lat is None:
            return ""
        where = (answer.lon, answer.lat, answer.precision)
        if where not in self._hierarchies:
            levels = [*takewhile(lambda kind: kind.value != answer.precision, UNIT_KINDS)]
            names = []
            for kind in UNIT_KINDS[: len(levels) + 1]:
                units = units_containing(self._session, answer.lon, answer.lat, kind=kind)
                names += [unit.name for unit in units[:1]]
            self._hierarchies[where] = " / ".join(dict.fromkeys(names))
        return self._hierarchies[where]


def asked(session: Session, spot: Spot, *, limit: int) -> Answer:
    """The answer to what a row says.

    Raises:
        InputError: the name looks like coordinates but is malformed.
    """
    return locate(
        session, spot.name, country=spot.country or None, admin1=spot.admin1 or None, admin2=spot.admin2 or None,
        limit=limit,
    )  # fmt: skip


def found_of(answer: Answer) -> Found:
    """The cells of an answer; the place is filled in only where the verdict settles it."""
    cells = dict.fromkeys(("key", "matched", "hierarchy"), "")
    cells["candidates"] = BETWEEN.join(map(candidate_text, answer.candidates))
    points = tuple(Point(one.key, one.lon, one.lat, one.extent_m) for one in answer.candidates)
    if answer.verdict in _SETTLED and answer.lon is not None and answer.lat is not None:
        radius_m = answer.radius_m or 0.0
        cells |= _point_cells(answer.lon, answer.lat, answer.radius_m, answer.precision)
        meant = _meant(answer)
        if meant is not None:
            cells |= _place_cells(meant) | {"probability": f"{meant.probability:.3f}"}
        points = (Point("", answer.lon, answer.lat, radius_m),)
    return Found(answer.verdict.value, cells, answer.notes, points)


def found_of_choice(candidate: Candidate, by: str) -> Found:
    """The cells of a place that a person chose: its own extent, and no probability."""
    point = _point_cells(candidate.lon, candidate.lat, candidate.extent_m, candidate.precision)
    where = (Point(candidate.key, candidate.lon, candidate.lat, candidate.extent_m),)
    return Found(PlaceVerdict.SURE.value, point | _place_cells(candidate), (f"Chosen by {by}.",), where, by)


def _meant(answer: Answer) -> Candidate | None:
    """The candidate that the answer is; None where it is coordinates, or a unit that only the context names."""
    if len(answer.candidates) == 0:
        return None
    first = answer.candidates[0]
    if answer.verdict is PlaceVerdict.SURE or answer.relation != "":
        return first
    # The rule by which a unit that the text names, and not the stated one, becomes a coarse answer.
    is_it = first.kind in UNIT_KINDS and first.precision is answer.precision and first.probability >= LEAST_NAMED
    return first if is_it else None


def _point_cells(lon: float, lat: float, radius_m: float | None, precision: PrecisionLevel | None) -> dict[str, str]:
    return {
        "longitude": degrees_text(lon),
        "latitude": degrees_text(lat),
        "radius_m": "" if radius_m is None else str(math.ceil(radius_m)),
        "precision": "" if precision is None else precision.value,
    }


def _place_cells(candidate: Candidate) -> dict[str, str]:
    own = [candidate.name] if candidate.kind in UNIT_KINDS else []
    return {
        "key": "" if candidate.place_id is None else candidate.key,
        "matched": candidate.matched or candidate.name,
        "hierarchy": " / ".join(dict.fromkeys([*candidate.hierarchy, *own])),
    }


def candidate_text(one: Candidate) -> str:
    """A candidate as ``key name lon lat probability``, degrees."""
    name = " ".join(one.name.replace("|", "/").split())
    return f"{one.key} {name} {degrees_text(one.lon)} {degrees_text(one.lat)} {one.probability:.2f}"


def degrees_text(value: float) -> str:
    """Degrees with at most six decimals (0.1 m), without an exponent."""
    return f"{round(value, 6) + 0.0:.6f}".rstrip("0").rstrip(".")


def in_one_line(error: InputError) -> str:
    """An error as a note: code, what, which, remedy."""
    got = "" if error.got is None else f" Got: {error.got}."
    return f"[{error.code}] {error.why}{got}" + (f" {error.fix}" if error.fix else "")


def compare(found: Found, own: Coordinates) -> tuple[str, ...]:
    """What is to be said of a row's own coordinates beside its named place (B35); they are never changed.

    Args:
        found: what the row's place text came to.
        own: the row's coordinates.

    Returns:
        ``[far_from_name] ...``, ``[maybe_swapped] ...`` where the text is settled; of several candidates
        ``[near_candidate]`` with those within reach, or ``[far_from_candidates]``, which is weaker: the right one may
        not be among them. Nothing where they agree, or where there is nothing to compare with.
    """
    if len(found.points) == 0:
        return ()
    if found.verdict in (PlaceVerdict.SURE, PlaceVerdict.COARSE):
        one = found.points[0]
        wrong = check_against(own, one.lon, one.lat, extent_m=one.extent_m)
        return tuple(f"[{said.code}] {said.sentence}" for said in wrong)
    away = sorted((distance_m(own.lon, own.lat, one.lon, one.lat), one) for one in found.points)
    near = [(m, one) for m, one in away if len(check_against(own, one.lon, one.lat, extent_m=one.extent_m)) == 0]
    code = "near_candidate" if len(near) > 0 else "far_from_candidates"
    listed = ", ".join(f"{metres / 1000:,.1f} km from {one.key}" for metres, one in near or away[:1])
    return (f"[{code}] The row's coordinates lie {listed}.",)
