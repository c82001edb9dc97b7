"""Measures the exports, each beside programs that write the same."""

from __future__ import annotations

import functools
import sqlite3
from contextlib import closing
from pathlib import Path

from bench_gazetteer.clock import progress

from bench_scale.case import SQLITE, Case
from bench_scale.figures import Measure, Rule
from bench_scale.process import Figures, child, repeated, run
from bench_scale.server import new_database

NAME = "geojson"
BAR, RAW_BAR, MEMORY_MB = 3.5, 3.0, 64.0
LAYER = "features"


def geojson(case: Case) -> list[Measure]:
    """The default GeoJSON of everything beside ogr2ogr with the same features, with flat rows, and the raw rows."""
    out, theirs = case.folder / "ours.geojson", case.folder / "theirs.geojson"
    source, flat = _same_features(case, out), _flat_rows(case)
    ours, peer, thin, raw = repeated(
        case.loads,
        functools.partial(child, "exporting:geojson", url=case.url, out=str(out)),
        lambda: _ogr(theirs, *source),
        lambda: _ogr(theirs, *flat),
        lambda: _raw(case),
    )
    progress(f"{case.size:,} {case.edition}: GeoJSON in {ours['seconds']:.1f} s, ogr2ogr {peer['seconds']:.1f} s")
    for path in (out, theirs):
        path.unlink()
    written = min(case.peer_features, ours["features"])
    for one in (peer, thin):
        one["rate"] = written / one["seconds"]
        one |= {name: one[name] * ours["features"] / written for name in ("seconds", "cpu_seconds")}
    return _measures(case, ours, peer, thin, raw, written)


def _measures(case: Case, ours: Figures, peer: Figures, thin: Figures, raw: Figures, written: int) -> list[Measure]:
    place = "GeoPackage" if case.edition == SQLITE else "PostGIS"
    rate = f"{ours['features'] / ours['seconds']:,.0f} features/s, {ours['bytes'] / 1e6:,.0f} MB"
    scaled = "" if written == ours["features"] else f"; it wrote {written:,}, and its time is scaled up"
    shared = {"size": case.size, "edition": case.edition, "runs": case.loads}
    work = "full GeoJSON export"
    return [
        Measure(
            NAME, work, ours=ours["seconds"], unit="s", peer=f"ogr2ogr from {place}, the same features",
            theirs=peer["seconds"], rule=Rule.FASTER, bar=BAR, **shared,
            processor=case.processor(ours, peer),
            notes=[f"ours {rate}; ogr2ogr {peer['rate']:,.0f} features/s{scaled}"],
        ),
        Measure(
            NAME, f"{work}: peak memory", ours=ours["peak_rss_mb"], unit="MB", peer="ogr2ogr",
            theirs=peer["peak_rss_mb"], rule=Rule.AT_MOST, bar=MEMORY_MB, **shared,
            notes=[f"{ours['imports_mb']:.0f} MB of it are Python and the imported libraries, before anything is read"],
        ),
        Measure(
            NAME, work, ours=ours["seconds"], unit="s", peer="ogr2ogr from GeoPackage, flat rows only",
            theirs=thin["seconds"], rule=Rule.FASTER, **shared,
            processor=case.processor(ours, thin),
            notes=[
                f"{thin['rate']:,.0f} features/s of one flat row an incident: no claims, sources or places behind it"
                f"{scaled}"
            ],
        ),
        Measure(
            NAME, work, ours=ours["seconds"], unit="s", peer=f"the {raw['rows']:,} rows read and written unformatted",
            theirs=raw["seconds"], bar=RAW_BAR, **shared, processor=case.processor(ours, raw),
        ),
    ]  # fmt: skip


def _same_features(case: Case, exported: Path) -> tuple[str, ...]:
    """What ogr2ogr reads: features of ours, in a GeoPackage or in PostGIS."""
    features = child("exporting:geojson", url=case.url, out=str(exported), most=case.peer_features)["features"]
    if case.edition == SQLITE or case.server is None:
        package = case.folder / "peer.gpkg"
        package.unlink(missing_ok=True)
        run("ogr2ogr", "-f", "GPKG", package, exported, "-nln", LAYER)
        with closing(sqlite3.connect(package)) as connection:
            (held,) = connection.execute(f"SELECT count(*) FROM {LAYER}").fetchone()
        if held != features:
            raise ValueError(f"the peer holds {held} features, ours wrote {features}")
        return str(package), LAYER
    name = f"features_{case.size}"
    where = f"PG:host={case.server.folder} user=postgres dbname={name}"
    new_database(case.server, name)
    case.server.execute("CREATE EXTENSION postgis", name=name)
    run("ogr2ogr", "-f", "PostgreSQL", where, exported, "-nln", LAYER, "--config", "PG_USE_COPY", "YES")
    case.server.execute(f"VACUUM ANALYZE {LAYER}", name=name)
    return where, LAYER


def _flat_rows(case: Case) -> tuple[str, ...]:
    package, table = case.folder / "flat.gpkg", case.folder / "flat.csv"
    package.unlink(missing_ok=True)
    child("exporting:flat_csv", url=case.url, out=str(table), most=case.peer_features)
    columns = ("-oo", "X_POSSIBLE_NAMES=lon", "-oo", "Y_POSSIBLE_NAMES=lat", "-oo", "AUTODETECT_TYPE=YES")
    run("ogr2ogr", "-f", "GPKG", package, table, *columns, "-a_srs", "EPSG:4326", "-nln", LAYER)
    table.unlink()
    return str(package), LAYER


def _ogr(out: Path, *source: str) -> Figures:
    out.unlink(missing_ok=True)
    return run("ogr2ogr", "-f", "GeoJSON", out, *source)


def _raw(case: Case) -> Figures:
    out = case.folder / "raw.bin"
    if case.edition == SQLITE:
        found = child("exporting:raw_sqlite", database=str(case.path), out=str(out))
    else:
        found = child("exporting:raw_copy", url=case.url, out=str(out))
    out.unlink()
    return found
