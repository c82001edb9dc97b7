"""The levels' radii and the crosswalk to UCDP, ACLED and GTD."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import shape

from db.errors import InputError
from db.vocabulary import PrecisionLevel
from gazetteer.geodesy import distances_m
from gazetteer.precision import (
    DEFAULT_RADIUS_M,
    FROM_ACLED,
    FROM_GTD,
    FROM_UCDP,
    TO_ACLED,
    TO_GTD,
    TO_UCDP,
    default_radius_m,
    from_acled,
    from_gtd,
    from_ucdp,
    settlement_radius_m,
    to_acled,
    to_gtd,
    to_ucdp,
)

# The table of vocabulary.md, section 2: level, radius in metres, UCDP, ACLED, GTD.
TABLE = [
    (PrecisionLevel.EXACT, 25, 1, 1, 1),
    (PrecisionLevel.WITHIN_100M, 100, 1, 1, 1),
    (PrecisionLevel.LANDMARK, 250, 1, 1, 1),
    (PrecisionLevel.STREET, 500, 1, 1, 1),
    (PrecisionLevel.NEIGHBOURHOOD, 1_000, 1, 1, 1),
    (PrecisionLevel.SETTLEMENT, 5_000, 1, 1, 1),
    (PrecisionLevel.NEAR_SETTLEMENT, 25_000, 2, 2, 3),
    (PrecisionLevel.ADM3, 95_000, 3, 2, 3),
    (PrecisionLevel.ADM2, 95_000, 3, 3, 3),
    (PrecisionLevel.ADM1, 195_000, 4, 3, 4),
    (PrecisionLevel.REGION, 290_000, 5, 3, 5),
    (PrecisionLevel.COUNTRY, 580_000, 6, 3, 5),
    (PrecisionLevel.WATER, 580_000, 7, 3, 5),
    (PrecisionLevel.UNKNOWN, None, None, None, 5),
]


@pytest.mark.parametrize(("level", "radius", "ucdp", "acled", "gtd"), TABLE)
def test_each_level_has_the_radius_and_codes_of_the_vocabulary(
    level: PrecisionLevel, radius: float | None, ucdp: int | None, acled: int | None, gtd: int
) -> None:
    assert default_radius_m(level) == radius
    assert (to_ucdp(level), to_acled(level), to_gtd(level)) == (ucdp, acled, gtd)


def test_every_level_is_in_every_table() -> None:
    for table in (DEFAULT_RADIUS_M, TO_UCDP, TO_ACLED, TO_GTD):
        assert set(table) == set(PrecisionLevel)


def test_a_code_goes_to_a_level_that_has_this_code() -> None:
    assert all(to_ucdp(from_ucdp(code)) == code for code in FROM_UCDP)
    assert all(to_acled(from_acled(code)) == code for code in FROM_ACLED)
    # GTD's 2, "in a city, but its centre not found", becomes an area and comes back as 3.
    assert {code: to_gtd(from_gtd(code)) for code in FROM_GTD} == {1: 1, 2: 3, 3: 3, 4: 4, 5: 5}


def test_code_one_is_no_finer_than_a_settlement() -> None:
    assert {from_ucdp(1), from_acled(1), from_gtd(1)} == {PrecisionLevel.SETTLEMENT}


@pytest.mark.parametrize(("function", "code"), [(from_ucdp, 0), (from_ucdp, 8), (from_acled, 4), (from_gtd, 6)])
def test_an_unknown_code_is_refused(function: object, code: int) -> None:
    assert callable(function)
    with pytest.raises(InputError) as caught:
        function(code)
    assert caught.value.code == "unknown_precision_code"
    assert caught.value.got == str(code)


@pytest.mark.parametrize(
    ("population", "radius"),
    [(None, 5_000), (0, 2_000), (9_999, 2_000), (10_000, 5_000), (99_999, 5_000), (100_000, 10_000)],
)
def test_a_settlement_grows_with_its_population(population: int | None, radius: float) -> None:
    assert settlement_radius_m(population) == radius


@pytest.mark.parametrize(
    ("file", "level", "percentile"),
    [("county", PrecisionLevel.ADM2, 95), ("region", PrecisionLevel.ADM1, 95), ("region", PrecisionLevel.REGION, 100),
     ("country", PrecisionLevel.COUNTRY, 100)],
)  # fmt: skip
def test_the_radii_of_units_are_what_was_measured(
    shared_data: Path, file: str, level: PrecisionLevel, percentile: float
) -> None:
    reaches = []
    for country in ("sy", "iq"):
        features = json.loads((shared_data / "gazetteer" / f"{country}_{file}.geojson").read_text())["features"]
        for feature in features:
            if feature["properties"]["is_current"] == 1 and "Disengagement" not in feature["properties"]["name"]:
                area = shape(feature["geometry"])
                lons, lats = shapely.get_coordinates(area).T
                reaches.append(distances_m(lons, lats, area.centroid.x, area.centroid.y).max())
    measured = float(np.percentile(reaches, percentile))
    radius = default_radius_m(level)
    assert radius is not None
    assert measured <= radius < measured + 5_000
