"""Servers that are measured over HTTP, one worker each: ours, tipg and pygeoapi."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bench_gazetteer.clock import progress

from bench_scale.process import peak_kib

if TYPE_CHECKING:
    from tests.postgres import Server

PEERS = (
    "tipg==1.6.1", "pygeoapi==0.21.0", "psycopg2-binary", "geoalchemy2", "uvicorn", "uvloop", "httptools",
)  # fmt: skip
HOST, FIRST_PORT = "127.0.0.1", 8471
PATIENCE_S = 60
TABLE = "flat_by_hand"


@dataclass
class WebServer:
    """A running server: its process, its port, and the path of a page of a box, with a place for ``{box}``."""

    name: str
    process: subprocess.Popen[bytes]
    port: int
    path: str

    def get(self, path: str) -> bytes:
        """The body of an answer.

        Raises:
            SystemExit: it is none.
        """
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_S)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != http.client.OK:
            sys.exit(f"{self.name} answers {answer.status} to {path}:\n{body[:2000].decode(errors='replace')}")
        return body

    def peak_mb(self) -> float:
        """The most memory it had, MB (10^6 bytes)."""
        return peak_kib(self.process.pid) * 1024 / 1e6


@contextmanager
def ours(url: str, folder: Path) -> Iterator[WebServer]:
    """``incidents serve`` on the database ``url``, open to everybody."""
    program = Path(sys.executable).with_name("incidents")
    command = [str(program), "serve", "--public-read", "--port", str(FIRST_PORT)]
    path = "/api/collections/incidents/items?bbox={box}&limit=100"
    environment = {"INCIDENTS_DATABASE_URL": url, "XDG_STATE_HOME": str(folder / "state")}
    with _running("ours", command, environment, FIRST_PORT, path, folder) as server:
        yield server


@contextmanager
def tipg(server: Server, name: str, folder: Path) -> Iterator[WebServer]:
    """Tipg on the table of the database ``name``."""
    environment = {
        "DATABASE_URL": f"postgresql://postgres@{quote(str(server.folder), safe='')}/{name}",
        "TIPG_DB_SCHEMAS": '["public"]',
    }
    path = f"/collections/public.{TABLE}/items?bbox={{box}}&limit=100&f=geojson"
    command = _uvicorn(folder, "tipg.main:app", FIRST_PORT + 1)
    with _running("tipg", command, environment, FIRST_PORT + 1, path, folder) as running:
        yield running


@contextmanager
def pygeoapi(server: Server, name: str, folder: Path) -> Iterator[WebServer]:
    """Pygeoapi on the same table."""
    port, files = FIRST_PORT + 2, (folder / "pygeoapi.yml", folder / "pygeoapi-openapi.yml")
    # JSON is YAML.
    files[0].write_text(json.dumps(_pygeoapi_settings(server, name, port)), "utf-8")
    environment = {"PYGEOAPI_CONFIG": str(files[0]), "PYGEOAPI_OPENAPI": str(files[1])}
    made = [str(folder / "peers" / "bin" / "pygeoapi"), "openapi", "generate", str(files[0])]
    with files[1].open("wb") as out:
        subprocess.run(made, check=True, stdout=out, env=os.environ | environment)
    path = f"/collections/{TABLE}/items?bbox={{box}}&limit=100&f=json"
    command = _uvicorn(folder, "pygeoapi.starlette_app:APP", port)
    with _running("pygeoapi", command, environment, port, path, folder) as running:
        yield running


def has_peers(folder: Path) -> bool:
    """Whether the peers are there; they are installed into an environment of their own."""
    program = folder / "peers" / "bin" / "python"
    if not program.exists():
        progress("the peers are installed into an environment of their own")
        venv.create(folder / "peers", with_pip=True)
        done = subprocess.run([program, "-m", "pip", "install", "--quiet", *PEERS], check=False)
        if done.returncode != 0:
            progress("pip could not install the peers: they are left out")
    return (folder / "peers" / "bin" / "pygeoapi").exists()


def _uvicorn(folder: Path, app: str, port: int) -> list[str]:
    program = str(folder / "peers" / "bin" / "uvicorn")
    return [program, app, "--host", HOST, "--port", str(port), "--workers", "1", "--log-level", "warning"]


@contextmanager
def _running(
    name: str, command: Sequence[str], environment: Mapping[str, str], port: int, path: str, folder: Path
) -> Iterator[WebServer]:
    log = folder / f"{name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=os.environ | environment, stdout=out, stderr=out)
    server = WebServer(name, process, port, path)
    try:
        _wait(server, log)
        yield server
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _wait(server: WebServer, log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        try:
            connection = http.client.HTTPConnection(HOST, server.port, timeout=1)
            connection.connect()
        except OSError:
            if server.process.poll() is not None:
                break
            time.sleep(0.1)
        else:
            connection.close()
            return
    said = log.read_text(errors="replace")[-3000:]
    sys.exit(f"{server.name} does not answer:\n{said}")


def _pygeoapi_settings(server: Server, name: str, port: int) -> dict[str, Any]:
    about = {"title": "peer", "description": "peer", "keywords": ["peer"]}
    link = {"type": "text/html", "rel": "canonical", "title": "peer", "href": "https://example.org"}
    table = {
        "type": "feature", "name": "PostgreSQL", "id_field": "id", "table": TABLE, "geom_field": "geom",
        "data": {"host": str(server.folder), "port": 5432, "dbname": name, "user": "postgres", "password": "-",
                 "search_path": ["public"]},
    }  # fmt: skip
    bounds = {"spatial": {"bbox": [-180, -90, 180, 90], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}}
    contact = dict.fromkeys(
        ("address", "city", "stateorprovince", "postalcode", "country", "phone", "fax", "email", "hours",
         "instructions", "position", "name", "role", "url"), "-",
    )  # fmt: skip
    return {
        "server": {
            "bind": {"host": HOST, "port": port}, "url": f"http://{HOST}:{port}", "mimetype": "application/json",
            "encoding": "utf-8", "language": "en-US", "limits": {"default_items": 100, "max_items": 10_000},
            "map": {"url": "-", "attribution": "-"}, "gzip": False,
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": about | {"terms_of_service": "-", "url": "https://example.org", "keywords_type": "theme"},
            "license": {"name": "-", "url": "https://example.org"},
            "provider": {"name": "-", "url": "https://example.org"}, "contact": contact,
        },
        "resources": {TABLE: about | {"type": "collection", "links": [link], "extents": bounds, "providers": [table]}},
    }  # fmt: skip
