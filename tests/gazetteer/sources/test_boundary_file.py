"""Boundary files in other formats than GeoJSON, made here with GDAL."""

from __future__ import annotations

import json
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
from pyproj import Transformer
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from db.errors import InputError, NotFoundError, ResourceError
from gazetteer.sources.boundary_file import open_boundaries, parts_of

HOMS, HAMA = shapely.box(36.0, 34.0, 37.0, 35.0), shapely.box(37.0, 34.0, 38.0, 35.0)
DRIVERS = {".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".fgb": "FlatGeobuf"}


def write(
    path: Path, shapes: tuple[BaseGeometry, ...] = (HOMS, HAMA), *, crs: str | None = "EPSG:4326", **options: Any
) -> Path:
    """A file of units with a name, an Arabic name, an id with a gap, and an end date."""
    count = len(shapes)
    columns = {
        "ADM1_EN": np.array(["Homs", "Hama"][:count], dtype=object),
        "ADM1_AR": np.array(["حمص", "حماة"][:count], dtype=object),
        "gn_id": np.array([169575.0, np.nan][:count]),
        "validTo": np.array([None, "2015-03-04"][:count], dtype="datetime64[D]"),
    }
    settings = {"geometry_type": "Polygon", "driver": DRIVERS[path.suffix], "crs": crs} | options
    wkb = np.array([shapely.to_wkb(one) for one in shapes], dtype=object)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'crs' was not provided")
        pyogrio.raw.write(path, wkb, list(columns.values()), list(columns), **settings)
    return path


def read(path: Path, **options: Any) -> list[Any]:
    with open_boundaries(path, **options) as file:
        return [feature for _, feature in file.features()]


def zipped(path: Path, *files: Path, folder: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, folder + file.name)
    return path


@pytest.mark.parametrize("suffix", DRIVERS)
def test_each_format_gives_the_same_features(tmp_path: Path, suffix: str) -> None:
    features = read(write(tmp_path / f"units{suffix}"))
    found = {feature["properties"]["ADM1_EN"]: feature for feature in features}
    assert shape(found["Homs"]["geometry"]).equals(HOMS)
    assert found["Hama"]["properties"]["ADM1_AR"] == "حماة"
    assert found["Homs"]["properties"]["gn_id"] == 169575, "an integer again, though the column has a gap"
    assert found["Hama"]["properties"]["gn_id"] is None
    assert found["Homs"]["properties"]["validTo"] is None
    assert found["Hama"]["properties"]["validTo"].startswith("2015-03-04")


@pytest.mark.parametrize("suffix", DRIVERS)
def test_other_coordinates_are_turned_to_degrees(tmp_path: Path, suffix: str) -> None:
    turn = Transformer.from_crs("EPSG:4326", "EPSG:32637", always_xy=True)
    metres = shapely.transform(HOMS, lambda xy: np.column_stack(turn.transform(xy[:, 0], xy[:, 1])))
    (feature,) = read(write(tmp_path / f"units{suffix}", (metres,), crs="EPSG:32637"))
    assert shapely.equals_exact(shape(feature["geometry"]).normalize(), HOMS.normalize(), tolerance=1e-9)


def test_degrees_without_a_coordinate_system_are_taken_and_said(tmp_path: Path) -> None:
    with open_boundaries(write(tmp_path / "units.shp", crs=None)) as file:
        assert file.note is not None
        assert "coordinate system" in file.note
        assert len(list(file.features())) == 2


def test_metres_without_a_coordinate_system_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "units.shp", (shapely.box(500_000, 3_700_000, 600_000, 3_800_000),), crs=None)
    with pytest.raises(InputError, match="no_crs"):
        read(path)


def test_a_layer_of_several_has_to_be_named(tmp_path: Path) -> None:
    path = write(tmp_path / "units.gpkg", layer="adm1")
    write(path, (HOMS,), layer="adm2", append=True)
    with pytest.raises(InputError, match="several_layers") as caught:
        read(path)
    assert caught.value.got == "adm1, adm2"
    assert [len(read(path, layer=name)) for name in ("adm1", "adm2")] == [2, 1]
    with pytest.raises(InputError, match="no_such_layer"):
        read(path, layer="adm3")


class TestShapefileEncoding:
    """A shapefile says its encoding in a file beside it that is often lost."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "units.shp"

    def test_utf_8_is_tried_where_none_is_said(self, path: Path) -> None:
        write(path).with_suffix(".cpg").unlink()
        assert read(path)[0]["properties"]["ADM1_AR"] == "حمص"

    def test_the_one_that_the_file_says_is_used(self, path: Path) -> None:
        write(path, encoding="cp1256")
        assert read(path)[0]["properties"]["ADM1_AR"] == "حمص"

    def test_another_one_is_refused_until_it_is_named(self, path: Path) -> None:
        write(path, encoding="cp1256").with_suffix(".cpg").unlink()
        with pytest.raises(InputError, match="not_utf8"):
            read(path)
        assert read(path, encoding="cp1256")[0]["properties"]["ADM1_AR"] == "حمص"

    def test_one_that_does_not_exist_is_refused(self, path: Path) -> None:
        with pytest.raises(InputError, match="unknown_encoding"):
            read(write(path), encoding="utf-99")


class TestZip:
    """Archives as providers publish them."""

    def test_a_zipped_shapefile_is_read(self, tmp_path: Path) -> None:
        path = write(tmp_path / "units.shp")
        archive = zipped(tmp_path / "all {1}.zip", *parts_of(path), folder="deep/er/")
        assert [one["properties"]["ADM1_AR"] for one in read(archive)] == ["حمص", "حماة"]

    def test_one_of_several_files_has_to_be_named(self, tmp_path: Path) -> None:
        first, second = write(tmp_path / "adm1.shp"), write(tmp_path / "adm2.shp", (HOMS,))
        archive = zipped(tmp_path / "all.zip", *parts_of(first), *parts_of(second))
        with pytest.raises(InputError, match="several_layers"):
            read(archive)
        assert [len(read(archive, layer=name)) for name in ("adm1", "adm2")] == [2, 1]

    def test_a_zipped_collection_is_read(self, tmp_path: Path) -> None:
        path = tmp_path / "units.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [{"type": "Feature"}]}))
        assert read(zipped(tmp_path / "units.zip", path)) == [{"type": "Feature"}]

    def test_an_archive_without_boundaries_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "readme.txt"
        path.write_text("nothing")
        with pytest.raises(InputError, match="empty_file"):
            read(zipped(tmp_path / "units.zip", path))

    def test_what_is_no_archive_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "units.zip"
        path.write_bytes(b"PK no")
        with pytest.raises(InputError, match="bad_zip"):
            read(path)


@pytest.mark.parametrize("suffix", DRIVERS)
def test_rubbish_is_refused_with_what_gdal_says(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"units{suffix}"
    path.write_bytes(b"rubbish" * 100)
    with pytest.raises(InputError, match="unreadable_boundaries"):
        read(path)


@pytest.mark.parametrize("suffix", [*DRIVERS, ".zip", ".geojson"])
def test_a_file_that_is_not_there_is_said(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(NotFoundError, match="file_not_found"):
        read(tmp_path / f"none{suffix}")


def test_an_empty_layer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="empty_file"):
        read(write(tmp_path / "units.gpkg", ()))


def test_without_pyogrio_geojson_still_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table, text = write(tmp_path / "units.gpkg"), tmp_path / "units.geojson"
    text.write_text('{"type": "FeatureCollection", "features": [{}]}')
    monkeypatch.setitem(sys.modules, "pyogrio", None)
    assert read(text) == [{}]
    with pytest.raises(ResourceError, match="pyogrio_missing"):
        read(table)
