"""How the gazetteer's answers look: a line, a table, JSON, or the error of an answer that settles nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import orjson
import shapely
import typer
from rich.table import Table
from sqlmodel import Session

from db.cells import visible
from db.errors import AmbiguousError, InputError, NotFoundError
from db.vocabulary import PrecisionLevel
from gazetteer.locate import LONGEST, SAME_NAME
from gazetteer.reverse import places_at
from gazetteer.search.answer import Answer, Candidate, PlaceVerdict

COMPUTED = "computed"
"""Source of a candidate that no entry stands for ("5 km north of Idlib"), so that its key names nothing."""
NAMED_LIKE = 5
_UNITS_OF = {PrecisionLevel.COUNTRY: 1, PrecisionLevel.ADM1: 2, PrecisionLevel.ADM2: 3, PrecisionLevel.ADM3: 4}


def radius_words(metres: float) -> str:
    """A radius for a person, rounded up, so that the circle still holds what it held.

    >>> radius_words(71.5), radius_words(4_301), radius_words(484_098)
    ('72 m', '4.4 km', '485 km')
    """
    if metres <= 999:
        return f"{math.ceil(metres)} m"
    return f"{math.ceil(metres / 100) / 10} km" if metres <= 9_900 else f"{math.ceil(metres / 1000):,} km"


def percent(probability: float) -> str:
    """A probability for a person; neither 0 nor 100% unless it is.

    >>> percent(0.934), percent(0.999), percent(1.0), percent(0.002)
    ('93%', '99%', '100%', '<1%')
    """
    whole = math.floor(probability * 100 + 0.5)
    if probability < 1:
        whole = min(whole, 99)
    return "<1%" if whole == 0 and probability > 0 else f"{whole}%"


def surroundings(session: Session, answer: Answer) -> str:
    """The units that the answer lies in, the country first; of coordinates also the nearest settlement.

    Args:
        session: an open session.
        answer: any; empty where it has no point, or no polygon holds it.
    """
    if answer.lon is None or answer.lat is None or answer.precision is None:
        return ""
    if answer.verdict is PlaceVerdict.SURE and len(answer.candidates) > 0:
        return " > ".join(answer.candidates[0].hierarchy)
    position = places_at(session, answer.lon, answer.lat)
    if len(answer.candidates) == 0 and answer.precision not in _UNITS_OF:
        return position.words()
    # The point of a coarse answer lies somewhere in its unit; finer units would be claimed for nothing.
    units = (position.country, position.governorate, position.district, position.subdistrict)
    names = [unit.name for unit in units[: _UNITS_OF.get(answer.precision, 0)] if unit is not None]
    return " > ".join(dict.fromkeys(names))


def headline(answer: Answer, within: str) -> str:
    """The verdict on one line, with point, radius, precision and the units it lies in.

    Args:
        answer: any.
        within: from :func:`surroundings`.
    """
    if answer.lon is None or answer.lat is None or answer.radius_m is None:
        return f"{_word(answer.verdict)}: {_undecided(answer)}"
    parts = [_what(answer)] + ([within] if within else [])
    parts.append(f"lon {answer.lon:.5f}, lat {answer.lat:.5f}, within {radius_words(answer.radius_m)}")
    if answer.precision is not None:
        parts.append(f"precision {answer.precision.value}")
    if answer.verdict is PlaceVerdict.SURE and len(answer.candidates) > 0:
        parts.append(_chance(answer.candidates[0]))
    return visible(f"{_word(answer.verdict)}: {'; '.join(parts)}")


def _chance(one: Candidate) -> str:
    """What the probability says: of a computed place only that the named one is meant, not how near the point is."""
    meant = "that the place named is meant" if one.source == COMPUTED else "to be within 10 km"
    return f"{percent(one.probability)} {meant}"


def _what(answer: Answer) -> str:
    if answer.verdict is PlaceVerdict.COARSE:
        return "only an area is certain"
    return _named(answer.candidates[0]) if len(answer.candidates) > 0 else "coordinates"


def _undecided(answer: Answer) -> str:
    if answer.verdict is PlaceVerdict.NOT_FOUND:
        if any(reason in SAME_NAME for one in answer.candidates for reason in one.reasons):
            return "the gazetteer has places of this name, and none is probable here"
        return "the gazetteer has no place of this name"
    if len(answer.candidates) == 1:
        return "one place may be meant, and nothing makes it sure"
    return f"several places may be meant; the likeliest are these {len(answer.candidates)}"


def _word(verdict: PlaceVerdict) -> str:
    return verdict.value.replace("_", " ")


def _named(one: Candidate) -> str:
    return f"{one.name} ({one.kind.value})"


def _names(one: Candidate) -> str:
    """The main name, and the one that matched where it is another."""
    return one.name if one.matched in one.name else f"{one.name} ({one.matched})"


def _key(one: Candidate) -> str:
    return f"({COMPUTED})" if one.source == COMPUTED else one.key


def candidate_line(one: Candidate) -> str:
    """A candidate on one line; the ``source:key`` at its start names it without doubt."""
    parts = [_key(one), _names(one), one.kind.value, *([" > ".join(one.hierarchy)] if len(one.hierarchy) > 0 else [])]
    return visible(" | ".join([*parts, f"lon {one.lon:.5f}, lat {one.lat:.5f}", percent(one.probability)]))


def candidate_table(candidates: Sequence[Candidate], *, probable: bool = True) -> Table:
    """The candidates, best first.

    Args:
        candidates: of an answer.
        probable: False where they come from a service, which says no probability. It is that of lying within 10 km;
            of a computed place, and of a unit, that it is what the text means.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    titles = ["Key", "Name", "Kind", "Lies in", "Lon", "Lat", "Radius", *(["Probable"] if probable else []), "Why"]
    for title in titles:
        right = title in {"Lon", "Lat", "Radius", "Probable"}
        table.add_column(title, justify="right" if right else "left", overflow="fold", no_wrap=right)
    for one in candidates:
        cells = [_key(one), _names(one), one.kind.value, " > ".join(one.hierarchy), f"{one.lon:.5f}"]
        cells += [f"{one.lat:.5f}", radius_words(one.radius_m), *([percent(one.probability)] if probable else [])]
        table.add_row(*(visible(cell) for cell in (*cells, "; ".join(one.reasons))))
    return table


def unsettled(answer: Answer) -> InputError | None:
    """The error of an answer that settles nothing, with its candidates and the remedy; None where it settles."""
    if answer.verdict is PlaceVerdict.AMBIGUOUS:
        return AmbiguousError(
            "ambiguous_place", _sentence(answer), [candidate_line(one) for one in answer.candidates], got=answer.text,
            fix="Say which: add its governorate after a comma or with --admin1, a word for its kind (Aleppo city), "
            "or give the source:key that starts its line; --list lists them without an error.",
        )  # fmt: skip
    if answer.verdict is PlaceVerdict.NOT_FOUND:
        return NotFoundError("unknown_place", _sentence(answer), got=answer.text, fix=_remedy(answer))
    return None


def _sentence(answer: Answer) -> str:
    """What is wrong, with all that the answer notes."""
    said = _undecided(answer)
    return " ".join([f"{said[0].upper()}{said[1:]}.", *(visible(note) for note in answer.notes)])


def _remedy(answer: Answer) -> str:
    if not 0 < len(answer.text.strip()) <= LONGEST:
        return f"Give the place as the source has it, in at most {LONGEST} characters."
    if len(answer.candidates) == 0:
        return "Load more places: incidents gazetteer load, or incidents gazetteer import geonames FILE"
    lines = "".join(f"\n  - {candidate_line(one)}" for one in answer.candidates[:NAMED_LIKE])
    return f"Nearest in sound or context, none of them probable:{lines}"


def answer_record(answer: Answer) -> dict[str, Any]:
    """The whole answer as JSON values; ``area`` is a GeoJSON geometry, longitude first."""
    return {
        "text": _utf8(answer.text), "verdict": answer.verdict, "lon": answer.lon, "lat": answer.lat,
        "radius_m": answer.radius_m, "precision": answer.precision, "method": answer.method,
        "relation": answer.relation, "notes": [_utf8(note) for note in answer.notes],
        "area": None if answer.area is None else shapely.geometry.mapping(answer.area),
        "candidates": [candidate_record(one) for one in answer.candidates],
    }  # fmt: skip


def candidate_record(one: Candidate) -> dict[str, Any]:
    """A candidate as JSON values; ``key`` is null where no entry stands for it."""
    return {"key": None if one.source == COMPUTED else one.key} | asdict(one)


def answer_features(answer: Answer) -> dict[str, Any]:
    """The answer as a GeoJSON feature collection: its area or point first, where it has one, then the candidates."""
    record = answer_record(answer)
    area, candidates = record.pop("area"), record.pop("candidates")
    features = []
    if answer.lon is not None:
        features.append(_feature(area or _point(answer.lon, answer.lat), record | {"role": "answer"}))
    features += [_feature(_point(one["lon"], one["lat"]), one | {"role": "candidate"}) for one in candidates]
    return {"type": "FeatureCollection", "verdict": answer.verdict, "text": record["text"], "features": features}


def _feature(geometry: Any, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _point(lon: float | None, lat: float | None) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat]}


def _utf8(text: str) -> str:
    """``text`` as it can be written: half of a surrogate pair becomes its code."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def print_json(record: Any) -> None:
    """Write a record to standard output as indented JSON."""
    typer.echo(orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY))
