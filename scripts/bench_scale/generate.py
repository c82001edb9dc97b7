"""Writes a made-up set: the CSV of incidents, that of claims, and the GeoJSON of what CSV cannot carry."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench_scale.features import rich_features
from bench_scale.happenings import BLOCK, Blocks, is_rich
from bench_scale.places import make_places
from bench_scale.rows import CLAIM_HEADER, INCIDENT_HEADER, Row, claim_rows, incident_rows
from bench_scale.sources import Record, collection, organisations, reports, reports_a_source

SEED = 20170317
FEATURES_A_FILE = 5_000
"""An import of GeoJSON takes at most 100 MB at once."""


@dataclass(frozen=True)
class Files:
    """A written set.

    Attributes:
        sources: GeoJSON with the organisations and reports; to be imported first.
        incidents, claims: the two CSV files.
        rich: GeoJSON with the other incidents.
    """

    sources: Path
    incidents: Path
    claims: Path
    rich: tuple[Path, ...]


def write_files(folder: Path, incidents: int, seed: int = SEED) -> Files:
    """Write a set of ``incidents`` incidents with about three claims each; the same bytes for the same arguments.

    The rows are written block by block, so that the memory does not grow with the size.
    """
    places = make_places(seed)
    blocks, each = Blocks(places, seed), reports_a_source(incidents)
    sources = _write(folder / "sources.geojson", collection([], organisations(), reports(incidents)))
    paths = folder / "incidents.csv", folder / "claims.csv"
    features: list[Record] = []
    rich: list[Path] = []

    def write_features() -> None:
        rich.append(_write(folder / f"rich-{len(rich) + 1}.geojson", collection(features, [], [])))
        features.clear()

    with (
        paths[0].open("w", newline="", encoding="utf-8") as first,
        paths[1].open("w", newline="", encoding="utf-8") as second,
    ):
        rows, claims = csv.writer(first), csv.writer(second)
        rows.writerow(INCIDENT_HEADER)
        claims.writerow(CLAIM_HEADER)
        for start in range(0, incidents, BLOCK):
            block = blocks.make(start, min(start + BLOCK, incidents))
            rows.writerows(incident_rows(block, places, each))
            apart: dict[int, list[Row]] = {}
            said = claim_rows(block, np.random.default_rng([seed, 4, start // BLOCK]), each)
            claims.writerows(_without_rich(said, apart))
            features += rich_features(block, places, apart)
            if len(features) >= FEATURES_A_FILE:
                write_features()
    if len(features) > 0:
        write_features()
    return Files(sources, *paths, tuple(rich))


def written_files(folder: Path) -> Files:
    """The set that stands in ``folder``."""
    rich = sorted(folder.glob("rich-*.geojson"), key=lambda path: int(path.stem.partition("-")[2]))
    return Files(folder / "sources.geojson", folder / "incidents.csv", folder / "claims.csv", tuple(rich))


def _without_rich(said: Iterable[tuple[int, Row]], apart: dict[int, list[Row]]) -> Iterator[Row]:
    """The claims of incidents in the CSV; those of the rich ones are put into ``apart``."""
    for number, row in said:
        if is_rich(number):
            apart.setdefault(number, []).append(row)
        else:
            yield row


def _write(path: Path, content: Record) -> Path:
    path.write_text(json.dumps(content, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    return path
