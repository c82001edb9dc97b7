"""The features of a boundary file, whatever its format: GeoJSON, GeoPackage, Shapefile, FlatGeobuf, zips of them.

GeoJSON is read strictly by this product itself; the other formats by GDAL through ``pyogrio``, which is only
needed for them, and turned to longitude and latitude on WGS84 by PROJ. Either way a feature is a GeoJSON
mapping, so that one set of rules judges it.
"""

from __future__ import annotations

import codecs
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any, Protocol
from zipfile import BadZipFile, ZipFile

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from db.errors import InputError, ResourceError
from db.strictjson import read_json
from gazetteer.sources.fields import country_of
from gazetteer.sources.whos_on_first import (
    SUFFIXES,
    FeatureFiles,
    folder_files,
    is_alternative,
    read_member,
    zip_files,
)

TABLES = (".gpkg", ".shp", ".fgb", ".gdb")
"""What GDAL reads; ``.gdb`` is a folder."""
SIDECARS = (".dbf", ".shx", ".prj", ".cpg")
MAX_UNPACKED = 2_000_000_000  # bytes of a zipped shapefile
_AT_ONCE = 200  # features of a table; each may be a megabyte
_WGS84 = ("EPSG:4326", "OGC:CRS84")
_TO_WGS84 = "OGC:CRS84"


class BoundaryFile(Protocol):
    """The features of a file, read in the order that the importer takes them.

    Args:
        name: what to call the file in errors.
        crs: the ``crs`` member of a GeoJSON file, if it has one.
        note: what a person should know of the file as a whole, if anything.
    """

    name: str
    crs: Mapping[str, Any]
    note: str | None

    def countries(self) -> Iterator[str | None]:
        """The country that each feature says."""

    def features(self) -> Iterator[tuple[int, Any]]:
        """Number from 1 and GeoJSON feature; an `AtlasError` instead of one that cannot be read."""


@contextmanager
def open_boundaries(path: Path, *, layer: str | None = None, encoding: str | None = None) -> Iterator[BoundaryFile]:
    """Open a boundary file by its name's ending; what is none of `TABLES`, a zip or a folder is read as GeoJSON.

    Args:
        path: the file; or a folder with one GeoJSON file for each feature, as Who's On First has it.
        layer: of a file with several; in a zip with several files, the name of the file without its ending.
        encoding: of the texts of a shapefile, where its ``.cpg`` does not say it; UTF-8 else.

    Raises:
        InputError: ``not_a_feature_collection``, ``empty_file``, ``several_layers``, ``no_such_layer``, ``no_crs``,
            ``unsupported_crs``, ``unreadable_boundaries``, ``unknown_encoding``, ``bad_zip``, ``unsafe_zip``, and
            those of `db.strictjson.read_json`; NotFoundError: ``file_not_found``; ResourceError: ``pyogrio_missing``.
    """
    if path.suffix.lower() == ".zip" and path.is_file():
        with _opened_zip(path) as archive:
            yield _in_zip(archive, path, layer, encoding)
    else:
        yield _opened(path, layer, encoding)


def _opened(path: Path, layer: str | None, encoding: str | None) -> BoundaryFile:
    suffix = path.suffix.lower()
    if suffix in TABLES and path.exists():
        return _Layer(str(path), path.name, layer, encoding, told=_states_encoding(path))
    if path.is_dir():
        return FeatureFiles(path.name, folder_files(path))
    return _Collection(path.name, read_json(path))


def parts_of(path: Path) -> list[Path]:
    """The files that make up ``path``: a shapefile with its tables, what a folder holds, else the file itself."""
    if path.is_dir():
        return [part for part in sorted(path.rglob("*")) if part.is_file()]
    if path.suffix.lower() == ".shp":
        return [path, *(part for suffix in SIDECARS if (part := path.with_suffix(suffix)).is_file())]
    return [path]


class _Collection:
    """A GeoJSON feature collection, or a single feature."""

    note: str | None = None

    def __init__(self, name: str, value: Any) -> None:
        single = isinstance(value, dict) and value.get("type") == "Feature"
        features = [value] if single else value.get("features") if isinstance(value, dict) else None
        if not isinstance(features, list) or not (single or value.get("type") == "FeatureCollection"):
            raise InputError(
                "not_a_feature_collection", "The file is no GeoJSON feature collection.", where=name,
                fix="Convert it first, for example: ogr2ogr -f GeoJSON -t_srs OGC:CRS84 out.geojson in.shp",
            )  # fmt: skip
        if len(features) == 0:
            raise InputError("empty_file", "The file has no features.", where=name)
        self.name = name
        self.crs: Mapping[str, Any] = {"crs": value["crs"]} if "crs" in value else {}
        self._features = features

    def countries(self) -> Iterator[str | None]:
        for feature in self._features:
            properties = feature.get("properties") if isinstance(feature, Mapping) else None
            yield country_of(properties) if isinstance(properties, Mapping) else None

    def features(self) -> Iterator[tuple[int, Any]]:
        return enumerate(self._features, start=1)


class _Layer:
    """A layer of a file that GDAL reads."""

    crs: Mapping[str, Any] = {}

    def __init__(self, source: str, name: str, layer: str | None, encoding: str | None, *, told: bool) -> None:
        self.name, self._source = name, source
        self._gdal = _pyogrio()
        self._encoding = _checked_encoding(encoding, name) if encoding is not None or told else "utf-8"
        self._layer = self._choose_layer(layer)
        info = self._ask("read_info", force_feature_count=True, force_total_bounds=True)
        self._count = int(info["features"])
        if self._count == 0:
            raise InputError("empty_file", "The layer has no features.", where=name)
        self._transformer, self.note = _to_wgs84(info["crs"], info["total_bounds"], name)

    def countries(self) -> Iterator[str | None]:
        for properties, _ in self._rows(read_geometry=False):
            yield country_of(properties)

    def features(self) -> Iterator[tuple[int, Any]]:
        for number, (properties, wkb) in enumerate(self._rows(read_geometry=True), start=1):
            yield number, {"type": "Feature", "properties": properties, "geometry": self._geometry(wkb)}

    def _rows(self, *, read_geometry: bool) -> Iterator[tuple[dict[str, Any], bytes | None]]:
        for start in range(0, self._count, _AT_ONCE):
            meta, _, shapes, columns = self._ask(
                "read", read_geometry=read_geometry, force_2d=True, skip_features=start, max_features=_AT_ONCE,
                datetime_as_string=True,
            )  # fmt: skip
            names = [str(field) for field in meta["fields"]]
            for row in range(len(columns[0]) if columns else len(shapes)):
                values = {name: _plain(column[row]) for name, column in zip(names, columns, strict=True)}
                yield values, shapes[row] if read_geometry else None

    def _geometry(self, wkb: bytes | None) -> Mapping[str, Any] | None:
        # A ring that is not closed makes no geometry: it comes out as None and is rejected as such.
        shape = shapely.from_wkb(wkb, on_invalid="ignore")
        if not isinstance(shape, BaseGeometry):
            return None
        if self._transformer is not None:
            shape = shapely.transform(shape, self._turned)
        found: Mapping[str, Any] = mapping(shape)
        return found

    def _turned(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        if self._transformer is None:
            return positions
        return np.column_stack(self._transformer.transform(positions[:, 0], positions[:, 1]))

    def _choose_layer(self, wanted: str | None) -> str:
        found = [str(name) for name, kind in self._ask("list_layers") if kind is not None]
        if wanted is not None and wanted not in found:
            raise InputError(
                "no_such_layer", "The file has no such layer.", where=self.name, got=wanted,
                fix=f"Name one of: {', '.join(found)}.",
            )  # fmt: skip
        if wanted is None and len(found) != 1:
            raise _several(self.name, found)
        return found[0] if wanted is None else wanted

    def _ask(self, what: str, **options: Any) -> Any:
        """Call ``pyogrio`` and turn what it says of a bad file into an error of this product."""
        errors = self._gdal.errors
        try:
            if what == "list_layers":
                return self._gdal.list_layers(self._source)
            options |= {"layer": self._layer, "encoding": self._encoding}
            return self._gdal.raw.read(self._source, **options) if what == "read" else self._gdal.read_info(
                self._source, **options
            )  # fmt: skip
        except UnicodeDecodeError as error:
            raise InputError(
                "not_utf8", f"The texts are not in {self._encoding or 'the encoding the file states'}.",
                where=self.name, got=str(error), fix="Name the right one with --encoding, for Arabic often cp1256.",
            ) from error  # fmt: skip
        except (errors.DataSourceError, errors.DataLayerError, errors.FeatureError, errors.GeometryError,
                errors.FieldError, errors.CRSError) as error:  # fmt: skip
            raise InputError("unreadable_boundaries", f"GDAL cannot read it: {error}", where=self.name) from error


def _pyogrio() -> ModuleType:
    try:
        import pyogrio
        import pyogrio.errors
        import pyogrio.raw
    except ImportError as error:
        raise ResourceError(
            "pyogrio_missing", "Formats other than GeoJSON are read by pyogrio, which is not installed.",
            fix='Install it: pip install "incident-atlas[areas]"; or convert the file to GeoJSON.',
        ) from error  # fmt: skip
    module: ModuleType = pyogrio
    return module


def _to_wgs84(crs: str | None, bounds: Any, name: str) -> tuple[Transformer | None, str | None]:
    """How positions become degrees on WGS84, None where they are; and what to say of it."""
    if crs is None:
        west, south, east, north = map(float, bounds)
        if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            raise InputError(
                "no_crs", "The file does not say its coordinate system, and its numbers are no degrees.", where=name,
                got=(west, south, east, north), fix="Give it the .prj file it came with, or set it: ogr2ogr -a_srs.",
            )  # fmt: skip
        return None, "The file does not say its coordinate system; its numbers were taken as degrees on WGS84."
    if crs in _WGS84:
        return None, None
    try:
        return Transformer.from_crs(CRS.from_user_input(crs), _TO_WGS84, always_xy=True), None
    except (CRSError, ProjError) as error:
        raise InputError("unsupported_crs", f"PROJ cannot use the coordinate system: {error}", where=name) from error


def _plain(value: Any) -> Any:
    """A cell as JSON has it: numbers of Python, no NaN, a whole float as an integer, a time as text."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        # A column of integers with a gap comes as floats.
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    return value if isinstance(value, str | int | bool) else None


def _checked_encoding(encoding: str | None, name: str) -> str | None:
    if encoding is None:
        return None
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise InputError("unknown_encoding", "There is no such encoding.", where=name, got=encoding) from None


def _states_encoding(path: Path) -> bool:
    """Whether the texts need no guess: all formats but a shapefile without a ``.cpg`` state their encoding."""
    return path.suffix.lower() != ".shp" or any(path.with_suffix(suffix).exists() for suffix in (".cpg", ".CPG"))


def _opened_zip(path: Path) -> ZipFile:
    try:
        return ZipFile(path)
    except (BadZipFile, NotImplementedError) as error:
        raise InputError("bad_zip", f"This is no whole zip archive: {error}.", where=path.name) from error


def _in_zip(archive: ZipFile, path: Path, layer: str | None, encoding: str | None) -> BoundaryFile:
    """The boundary file in a zip archive, or all its files of one feature each."""
    names = [info.filename for info in archive.infolist() if not info.is_dir() and not is_alternative(info.filename)]
    names = [name for name in names if not name.startswith("__MACOSX/")]
    tables = [name for name in names if PurePosixPath(name).suffix.lower() in TABLES[:3]]
    texts = [name for name in names if PurePosixPath(name).suffix.lower() in SUFFIXES]
    if len(tables) == 0 and len(texts) > 1 and layer is None:
        return FeatureFiles(path.name, zip_files(archive))
    member = _choose_member(path.name, tables + texts, layer)
    if member in texts:
        return _Collection(f"{path.name}/{member}", read_json(read_member(archive, member), where=member))
    if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
        raise InputError("unsafe_zip", f"The archive unpacks to more than {MAX_UNPACKED:,} bytes.", where=path.name)
    told = PurePosixPath(member).suffix.lower() != ".shp" or any(name.lower().endswith(".cpg") for name in names)
    inside = layer if PurePosixPath(member).stem != layer else None
    source = f"/vsizip/{{{path.resolve()}}}/{member}"
    return _Layer(source, f"{path.name}/{member}", inside, encoding, told=told)


def _choose_member(name: str, members: list[str], layer: str | None) -> str:
    named = [member for member in members if layer is not None and PurePosixPath(member).stem == layer]
    if len(members) == 1 or len(named) == 1:
        return named[0] if len(named) == 1 else members[0]
    if len(members) == 0:
        raise InputError("empty_file", "The archive has no boundary file.", where=name)
    raise _several(name, [PurePosixPath(member).stem for member in members])


def _several(name: str, layers: list[str]) -> InputError:
    if len(layers) == 0:
        return InputError("empty_file", "The file has no layer with shapes.", where=name)
    return InputError(
        "several_layers", f"The file has {len(layers)} layers.", where=name, got=", ".join(layers),
        fix="Say which one with --layer.",
    )  # fmt: skip
