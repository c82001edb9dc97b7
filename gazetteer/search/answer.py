"""What a search for a place answers: candidates, how probable each is, and how far the text settles it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry.base import BaseGeometry

from db.vocabulary import LocationMethod, PlaceKind, PrecisionLevel


class PlaceVerdict(StrEnum):
    """How far a text settles its place; this project's own list."""

    SURE = "sure"
    AMBIGUOUS = "ambiguous"
    COARSE = "coarse"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that the text may mean.

    Attributes:
        place_id: row of the place; None where the candidate is computed (coordinates, "5 km north of ...").
        source: source of the entry, for example ``geonames``.
        source_key: its key there; ``source:source_key`` names the entry without doubt.
        name: main name of the place.
        kind: what the entry is.
        lon: degrees.
        lat: degrees.
        radius_m: metres round (lon, lat) within which the truth lies with 85% probability at least, whichever
            candidate is right: small where nothing else comes near, as large as the governorate where little is known.
        extent_m: metres round (lon, lat) that hold the place itself: the radius, once a person has chosen it.
        precision: level of the place itself.
        matched: the name that matched, as the gazetteer has it.
        language: of that name, where it is known.
        hierarchy: names of the units it lies in, the country first; each once.
        country: ISO 3166 two-letter code.
        population: people; None where it is not known.
        score: of the ranking model, comparable within one answer only.
        probability: that the point is within 10 km of the truth, calibrated.
        reasons: what spoke for and against it, in words.
        area_id: row of its polygon, where it has one.
    """

    place_id: int | None
    source: str
    source_key: str
    name: str
    kind: PlaceKind
    lon: float
    lat: float
    radius_m: float
    extent_m: float
    precision: PrecisionLevel
    matched: str
    language: str | None
    hierarchy: tuple[str, ...]
    country: str | None
    population: int | None
    score: float
    probability: float
    reasons: tuple[str, ...]
    area_id: int | None = None

    @property
    def key(self) -> str:
        """``source:source_key``, by which `locate` finds just this entry."""
        return f"{self.source}:{self.source_key}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a text says of a place.

    Attributes:
        text: as it was asked.
        verdict: ``sure``: the first candidate; ``ambiguous``: choose; ``coarse``: only ``area`` is certain;
            ``not_found``.
        candidates: best first.
        lon: degrees, of the answer's own point; None where the verdict is ambiguous or not_found.
        lat: degrees.
        radius_m: metres round (lon, lat) that hold the answer.
        area: longitude and latitude of the answer's area, where it is a polygon.
        precision: level of the answer.
        method: how the point was had.
        relation: how the text relates to the named places ("5 km north-east of", "between"), empty for "at".
        notes: what was not understood or does not agree, one sentence each.
    """

    text: str
    verdict: PlaceVerdict
    candidates: tuple[Candidate, ...]
    lon: float | None = None
    lat: float | None = None
    radius_m: float | None = None
    area: BaseGeometry | None = None
    precision: PrecisionLevel | None = None
    method: LocationMethod | None = None
    relation: str = ""
    notes: tuple[str, ...] = ()
