"""Pages, tiles and a whole export over HTTP, beside tipg and pygeoapi on the same incidents."""

from __future__ import annotations

import http.client
import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa
from bench_gazetteer.clock import progress

from bench_scale import webservers
from bench_scale.case import SQLITE, Case
from bench_scale.figures import Measure, Rule
from bench_scale.generate import SEED
from bench_scale.places import TOWNS
from bench_scale.server import new_database
from bench_scale.webservers import HOST, TABLE, WebServer
from db.engine import open_database
from db.session import read_session

if TYPE_CHECKING:
    from tests.postgres import Server

NAME = "http"
BOXES, CONNECTIONS = 400, 8
SECONDS = 3
"""How long the load lasts in a round, for each of ``--repeat``."""
SIDES = (0.05, 0.25)
"""Of the boxes, degrees; a million incidents have some 7,000 in the median box."""
DEEPEST_COUNTED = 7

COLUMNS = (
    "code", "name", "names", "kind", "country", "start_utc", "end_utc", "edtf", "time_precision", "precision",
    "place_name", "radius_m", "locations", "killed_total_people_text", "killed_civilian_text", "killed_child_text",
    "injured_civilian_text", "status", "grading", "belligerents", "sources",
)  # fmt: skip
"""What the table of the peers has of each incident, beside its point."""


def http_measures(case: Case) -> list[Measure]:
    """Everything that is measured over HTTP, on the file alone: a server of PostgreSQL shares the processors."""
    if case.edition != SQLITE:
        return []
    if shutil.which("wrk") is None:
        sys.exit("The load comes from wrk: install it (Debian: apt-get install wrk).")
    with ExitStack() as stack:
        servers = [stack.enter_context(webservers.ours(case.url, case.folder))]
        servers += _peers(case, stack)
        measures = _pages(case, servers)
        measures += _tiles(case, servers[0])
        measures += _export(case, servers[0])
        memory = servers[0].peak_mb()
    note = "the highest of all requests: pages, tiles and an export"
    measures.append(_measure(case, "memory of a worker, peak", memory, "MB", rule=Rule.AT_MOST, bar=400, notes=[note]))
    return measures


def _measure(case: Case, work: str, ours: float, unit: str, **about: Any) -> Measure:
    return Measure(NAME, work, case.size, case.edition, ours, unit, **about)


def _peers(case: Case, stack: ExitStack) -> list[WebServer]:
    if case.server is None or not webservers.has_peers(case.folder.parent):
        return []
    name = f"peers_{case.size}"
    _fill(case, case.server, name)
    folder = case.folder.parent
    return [stack.enter_context(start(case.server, name, folder)) for start in (webservers.tipg, webservers.pygeoapi)]


def _fill(case: Case, server: Server, name: str) -> None:
    """A table of flat rows with a point each, as somebody would make it for a server of features."""
    new_database(server, name)
    kinds = {"start_utc": "timestamp", "end_utc": "timestamp", "radius_m": "float8", "locations": "int"}
    columns = ", ".join(f"{column} {kinds.get(column, 'text')}" for column in COLUMNS)
    read = sa.text(f"SELECT incident_id, lon, lat, {', '.join(COLUMNS)} FROM summary WHERE lon IS NOT NULL")
    with read_session(open_database(case.url)) as session, server.connect(name) as peer:
        peer.execute("CREATE EXTENSION postgis")
        peer.execute(
            f"CREATE TABLE {TABLE} (id bigint PRIMARY KEY, lon float8, lat float8, {columns}, "
            "geom geometry(Point, 4326) GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(lon, lat), 4326)) STORED)"
        )
        rows = session.connection(execution_options={"yield_per": 10_000}).execute(read)
        listed = f"COPY {TABLE} (id, lon, lat, {', '.join(COLUMNS)}) FROM STDIN"
        with peer.cursor() as cursor, cursor.copy(listed) as copy:
            for row in rows:
                copy.write_row(row)
        peer.execute(f"CREATE INDEX ON {TABLE} USING gist (geom)")
        peer.execute(f"VACUUM ANALYZE {TABLE}")


def _boxes() -> list[str]:
    rng = np.random.default_rng([SEED, 9])
    found = []
    for _ in range(BOXES):
        lon, lat, _country = TOWNS[int(rng.integers(len(TOWNS) // 2))]
        side, moved = rng.uniform(*SIDES), rng.uniform(-0.2, 0.2, 2)
        west, south = lon + moved[0] - side / 2, lat + moved[1] - side / 2
        found.append(f"{west:.4f},{south:.4f},{west + side:.4f},{south + side:.4f}")
    return found


def _pages(case: Case, servers: list[WebServer]) -> list[Measure]:
    boxes = _boxes()
    found: dict[str, list[dict[str, float]]] = {server.name: [] for server in servers}
    for server in servers:
        server.get(server.path.format(box=boxes[0]))
    for turn in range(min(case.repeat, 2)):
        for server in servers:
            found[server.name].append(_load(case, server, boxes))
            progress(f"round {turn + 1}, {server.name}: {found[server.name][-1]}")
    matched, size = _checked(case, servers[0], boxes)
    best = {
        name: {key: statistics.median(one[key] for one in rounds) for key in rounds[0]}
        for name, rounds in found.items()
    }
    mine = best.pop("ours")
    notes = [
        f"{BOXES} boxes, {matched:,.0f} incidents in the median one, pages of 100 in stable order with an exact "
        f"numberMatched ({size / 1000:,.0f} kB), wrk with {CONNECTIONS} connections, "
        f"{SECONDS * case.repeat} s, two rounds in turn",
        f"latency p50 {mine['p50_ms']:.1f} ms, p99 {mine['p99_ms']:.1f} ms",
        "the peers answer with flat rows and count points only; ours have every claim and count areas that overlap",
    ]
    if len(best) == 0:
        return [_measure(case, "pages of a box", mine["per_second"], "a second", notes=notes)]
    measures = []
    for server in servers[1:]:
        theirs = best[server.name]
        said = f"p50 {theirs['p50_ms']:.0f} ms, p99 {theirs['p99_ms']:.0f} ms, peak memory {server.peak_mb():.0f} MB"
        measures.append(
            _measure(
                case, "pages of a box a second", mine["per_second"], "", peer=server.name, theirs=theirs["per_second"],
                rule=Rule.WITHIN, bar=None, notes=[*notes, f"{server.name}: {said}"],
            )
        )  # fmt: skip
        measures.append(
            _measure(
                case, "the time that a page takes from the server", 1000 / mine["per_second"], "ms", peer=server.name,
                theirs=1000 / theirs["per_second"], rule=Rule.FASTER, bar=20 if server.name == "tipg" else None,
            )
        )  # fmt: skip
        measures.append(
            _measure(
                case, "the slowest page of a hundred (p99)", mine["p99_ms"], "ms", peer=server.name,
                theirs=theirs["p99_ms"], rule=Rule.FASTER, bar=10,
            )
        )  # fmt: skip
        notes = []
    return measures


def _load(case: Case, server: WebServer, boxes: list[str]) -> dict[str, float]:
    paths = case.folder / "paths.txt"
    paths.write_text("\n".join(server.path.format(box=box) for box in boxes), "utf-8")
    script = Path(__file__).with_name("pages.lua")
    command = [
        "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS * case.repeat}s", "--timeout", "30s", "-s", str(script),
        f"http://{HOST}:{server.port}",
    ]  # fmt: skip
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | {"PATHS": str(paths)})
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    if found.pop("errors") > 0:
        sys.exit(f"{server.name} answers with errors:\n{done.stdout}")
    return found


def _checked(case: Case, server: WebServer, boxes: list[str]) -> tuple[float, float]:
    """Incidents and bytes of the median page, after some were compared with the search of the file itself."""
    from incidents.areas import query_area
    from incidents.query import Query, find
    from incidents.tiers import Tier

    matched, sizes = [], []
    with read_session(open_database(case.url)) as session:
        for number, box in enumerate(boxes[::8]):
            body = server.get(server.path.format(box=box))
            page = json.loads(body)
            matched.append(page["numberMatched"])
            sizes.append(len(body))
            if number % 10 == 0:
                answer = find(session, Query(area=query_area(session, bbox=box), tier=Tier.PUBLIC))
                if len(answer.ids) != page["numberMatched"]:
                    sys.exit(f"The server counts {page['numberMatched']} in {box}, the search {len(answer.ids)}.")
    return statistics.median(matched), statistics.median(sizes)


def _tiles(case: Case, server: WebServer) -> list[Measure]:
    """The slowest tile of each zoom that has counts, over every tile round the towns."""
    slowest: dict[int, float] = {}
    for zoom in range(DEEPEST_COUNTED + 1):
        server.get(f"/api/tiles/{zoom}/0/0.mvt")
        for x, y in sorted({_tile(zoom, lon, lat) for lon, lat, _country in TOWNS}):
            times = []
            for _ in range(case.repeat):
                started = time.perf_counter()
                server.get(f"/api/tiles/{zoom}/{x}/{y}.mvt")
                times.append((time.perf_counter() - started) * 1000)
            slowest[zoom] = max(slowest.get(zoom, 0.0), statistics.median(times))
    note = "median of each tile: " + ", ".join(f"zoom {zoom} {ms:.0f} ms" for zoom, ms in slowest.items())
    return [
        _measure(
            case, f"the slowest tile of zoom 0 to {DEEPEST_COUNTED}", max(slowest.values()), "ms", rule=Rule.AT_MOST,
            bar=150, runs=case.repeat, notes=[note],
        )
    ]  # fmt: skip


def _tile(zoom: int, lon: float, lat: float) -> tuple[int, int]:
    side = 2**zoom
    row = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * side
    return int((lon + 180) / 360 * side), int(row)


def _export(case: Case, server: WebServer) -> list[Measure]:
    path = "/api/collections/incidents/export"
    begun = [_begun(server, path) for _ in range(max(case.repeat, 10))]
    first, feature = (statistics.median(times) for times in zip(*begun, strict=True))
    started, size = time.perf_counter(), 0
    with closing(_asked(server, path)) as connection:
        answer = connection.getresponse()
        while len(piece := answer.read1(1 << 20)) > 0:
            size += len(piece)
    seconds = time.perf_counter() - started
    return [
        _measure(
            case, "a whole export: seconds of 80 MB", seconds / (size / 80e6), "s", rule=Rule.AT_MOST, bar=1,
            notes=[f"{size / 1e6:,.0f} MB of GeoJSON in {seconds:.1f} s: {size / 1e6 / seconds:,.0f} MB a second"],
        ),
        _measure(
            case, "a whole export: its first byte", first, "ms", rule=Rule.AT_MOST, bar=10, runs=len(begun),
            notes=[f"its first feature after {feature:.1f} ms"],
        ),
    ]  # fmt: skip


def _asked(server: WebServer, path: str) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=600)
    connection.request("GET", path)
    return connection


def _begun(server: WebServer, path: str) -> tuple[float, float]:
    """Milliseconds to the first byte of an answer, and to the end of its first feature."""
    # What was broken off before goes on until the server notices.
    time.sleep(0.3)
    started = time.perf_counter()
    with closing(_asked(server, path)) as connection:
        answer = connection.getresponse()
        read = answer.read1(1)
        first = time.perf_counter() - started
        while read.count(b'"type":"Feature"') < 2:
            read += answer.read1(1 << 16)
        return first * 1000, (time.perf_counter() - started) * 1000
