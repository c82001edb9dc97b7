from __future__ import annotations

import numpy as np
import pytest
import shapely

from gazetteer.geodesy import area_km2
from gazetteer.overlaps import overlaps


def found(*shapes: shapely.Geometry) -> list[tuple[int, int]]:
    return [(one.first, one.second) for one in overlaps(np.array(shapes, dtype=object))]


@pytest.mark.parametrize(
    ("other", "pairs"),
    [
        pytest.param(shapely.box(1, 0, 2, 1), [], id="a shared edge"),
        pytest.param(shapely.box(0.995, 0, 2, 1), [], id="a sliver, half a percent"),
        pytest.param(shapely.box(0.985, 0, 2, 1), [(0, 1)], id="one and a half percent"),
        pytest.param(shapely.box(0.4, 0.4, 0.5, 0.5), [(0, 1)], id="the smaller within the larger"),
        pytest.param(shapely.box(5, 5, 6, 6), [], id="far apart"),
    ],
)
def test_units_overlap_by_more_than_a_sliver_of_the_smaller(
    other: shapely.Geometry, pairs: list[tuple[int, int]]
) -> None:
    assert found(shapely.box(0, 0, 1, 1), other) == pairs


def test_each_pair_is_named_once_and_the_worst_first() -> None:
    square = shapely.box(0, 0, 1, 1)
    assert found(square, shapely.box(0.5, 0, 1.5, 1), square) == [(0, 2), (0, 1), (1, 2)]


def test_the_common_ground_is_measured_in_square_kilometres() -> None:
    (one,) = overlaps(np.array([shapely.box(36, 33, 37, 34), shapely.box(36.5, 33, 37.5, 34)], dtype=object))
    assert one.km2 == pytest.approx(area_km2(shapely.box(36.5, 33, 37, 34)))
    assert one.share == pytest.approx(0.5)


def test_no_polygons_do_not_overlap() -> None:
    assert overlaps(np.empty(0, dtype=object)) == []
