"""The places recorded by hand in ``recorded.toml``: governorates and the places of the named incidents."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from db.vocabulary import PlaceKind
from gazetteer.sources.store import PlaceRecord

SOURCE = "recorded"


@cache
def _contents() -> dict[str, Any]:
    return tomllib.loads((files("gazetteer.sources") / "recorded.toml").read_text(encoding="utf-8"))


def recorded_governorates() -> list[PlaceRecord]:
    """The governorates of Syria (14) and Iraq (19), with GeoNames' codes and ids."""
    licence = _contents()["licence"]
    return [
        PlaceRecord(
            source=SOURCE, source_key=str(row["geonames"]), name=row["name"], kind=PlaceKind.ADM1, lon=row["lon"],
            lat=row["lat"], names=[*row["names"], f"{row['name']} Governorate"], country=row["country"],
            admin1=row["admin1"], admin1_name=row["name"], licence=licence,
        )
        for row in _contents()["governorate"]
    ]  # fmt: skip


def recorded_places() -> list[PlaceRecord]:
    """The hand-recorded places. The key is the GeoNames id where the place has one."""
    governorates = {(unit.country, unit.admin1): unit.name for unit in recorded_governorates()}
    return [
        PlaceRecord(
            source=SOURCE, source_key=str(row.get("geonames", row.get("key"))), name=row["name"],
            kind=PlaceKind(row["kind"]), lon=row["lon"], lat=row["lat"], names=row["names"], country=row["country"],
            admin1=row["admin1"], admin1_name=governorates[(row["country"], row["admin1"])],
            radius_m=float(row["radius_m"]), licence=row.get("licence", _contents()["licence"]),
        )
        for row in _contents()["place"]
    ]  # fmt: skip


def recorded_country_names() -> dict[str, list[str]]:
    """Further names of countries, by ISO 3166 two-letter code."""
    return {row["code"]: list(row["names"]) for row in _contents()["country"]}
