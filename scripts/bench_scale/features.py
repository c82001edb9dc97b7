"""The incidents that CSV cannot carry: areas, rival places, investigations, gradings, attributions, statements."""

from __future__ import annotations

import math
from typing import Any

from bench_scale.happenings import Block, is_rich
from bench_scale.places import Places
from bench_scale.rows import CLAIM_HEADER, Row, edtf_of, names_of, zone_of
from bench_scale.sources import AUTHORITY, GRADER, Record, belligerent_code, report_code, source_code

GRADINGS = ("confirmed", "fair", "weak", "contested", "discounted")
CORNERS = 40


def rich_features(block: Block, places: Places, claims: dict[int, list[Row]]) -> list[Record]:
    """A feature for each rich incident of the block.

    Args:
        block: incidents.
        places: of the same seed.
        claims: their rows of ``CLAIM_HEADER``, by number.
    """
    numbers = block.numbers.tolist()
    return [
        _feature(block, index, places, claims.get(number, []))
        for index, number in enumerate(numbers)
        if is_rich(number)
    ]


def _feature(block: Block, index: int, places: Places, claims: list[Row]) -> Record:
    number, place = int(block.numbers[index]), int(block.place[index])
    code, edtf, day = block.code(index), edtf_of(block, index), str(block.last[index] + 3)
    names = names_of(block, index, places)
    found: Record = {
        "code": code, "name": names[0], "names": [{"name": name} for name in names], "codes": [],
        "kind": block.kind[index], "country": places.countries[place], "visibility": "public",
        "civilian_harm_reported": "yes", "locations": _locations(block, index, places),
        "claims": [_claim(row) for row in claims],
        "attributions": [{
            "organisation": belligerent_code(number // 100 % 5), "role": "perpetrator", "strength": "alleged",
            "by": source_code(2), "report": report_code(2, 0), "stated": day,
        }],
        "gradings": [{
            "grading": GRADINGS[number // 100 % len(GRADINGS)], "by": GRADER, "report": report_code(0, 1),
            "graded": day, "why": "Graded by the method of the desk.",
        }],
        "investigations": [_thread(number, day)],
        "statements": [{
            "by": source_code(3), "report": report_code(3, 0), "stated": day, "words": "The road was cut.",
        }],
    }  # fmt: skip
    if edtf != "":
        found |= {"edtf": edtf, "tz": zone_of(place, places)}
    return {"type": "Feature", "id": code, "properties": found}


def _locations(block: Block, index: int, places: Places) -> list[Record]:
    """An area, and every other time a rival point of another source."""
    place = int(block.place[index])
    lon, lat = float(block.lons[index]), float(block.lats[index])
    shared = {"place_name": places.names[place], "geoprivacy": "exact"}
    found: list[Record] = [{
        "source": source_code(4), "report": report_code(4, 0), "area": _area(lon, lat, places.radii_m[place]),
        "precision": "adm3", "method": "gazetteer", "is_primary": True,
    } | shared]  # fmt: skip
    if block.chance[index] < 0.5:
        found.append({
            "source": source_code(5), "report": report_code(5, 0), "lon": round(lon + 0.05, 6), "lat": lat,
            "radius_m": 500.0, "precision": "landmark", "method": "geolocated", "is_primary": False,
        } | shared)  # fmt: skip
    return found


def _area(lon: float, lat: float, radius_m: float) -> dict[str, Any]:
    """A district with a ragged edge."""
    reach = min(radius_m / 111_000, 0.2)
    ring = []
    for corner in range(CORNERS):
        angle = 2 * math.pi * corner / CORNERS
        away = reach * (1 + 0.3 * math.sin(5 * angle))
        ring.append([round(lon + away * math.cos(angle), 6), round(lat + away * math.sin(angle), 6)])
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def _claim(row: Row) -> Record:
    cells = {name: value for name, value in zip(CLAIM_HEADER, row, strict=True) if value != "" and name != "incident"}
    for name in ("minimum", "maximum"):
        if name in cells:
            cells[name] = int(cells[name])
    return cells | ({"withdrawn": True} if "withdrawn_on" in cells else {})


def _thread(number: int, day: str) -> Record:
    steps = [
        ("received", "reported"),
        ("opened", "open"),
        ("concluded", ("credible", "non_credible")[number // 100 % 2]),
    ]
    kept = steps[: 1 + number // 100 % 3]
    return {
        "authority": AUTHORITY, "process": "credibility_assessment",
        "steps": [
            {"number": place, "kind": kind, "state": state, "taken": day, "reason": "none_given", "why": "As reported."}
            for place, (kind, state) in enumerate(kept, start=1)
        ],
    }  # fmt: skip
