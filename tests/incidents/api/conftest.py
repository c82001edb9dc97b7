"""A server in the process, on a ledger that has records of every tier, with a token for each role."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from db.engine import Database
from db.session import read_session, write_session
from incidents.api.access import Access
from incidents.api.app import create_app
from incidents.claims import ClaimInput, add_claim
from incidents.exports.geojson import write_geojson
from incidents.locations import LocationInput, add_location
from incidents.query import Query, find
from incidents.records import IncidentInput, add_incident
from incidents.tokens import TokenInput, create_token
from tests.editions import Edition
from tests.forks import Place, running
from tests.incidents.conftest import fill

LOCAL = "iat_of-this-machine-and-long-enough-0123456789"
ROLES: dict[str, dict[str, str]] = {
    "viewer": {"role": "viewer"},
    "partner": {"role": "viewer", "tier": "restricted"},
    "insider": {"role": "viewer", "tier": "internal"},
    "editor": {"role": "editor"},
    "admin": {"role": "admin"},
}
TOKENS: dict[str, dict[str, str]] = {}
"""By edition and name, the token; known once the database is built."""

Client = Callable[..., TestClient]


def serve(database: Database, *, public_read: bool = False, **options: Any) -> FastAPI:
    """An application on ``database`` that answers to the name ``testserver``."""
    access = Access(frozenset({"testserver"}), "a secret of the tests", public_read, LOCAL, "A. Recorder")
    return create_app(database, access, **options)


def fill_served(database: Database) -> dict[str, str]:
    """The ledger, an incident that only insiders see, and the tokens, whose texts are returned."""
    fill(database)
    usual = {"source": "monitor", "report": "monitor-1"}
    with write_session(database, who="tester", why="a sealed record and tokens") as session:
        row = add_incident(
            session, IncidentInput(code="sealed", name="Sealed of Mrs Y", visibility="internal", start="2017-03-22")
        )
        place = {"lon": 38.26, "lat": 36.126, "precision": "exact", "method": "geolocated"}
        add_location(session, row, LocationInput.model_validate(usual | place))
        counted = {"incident": "sealed", "outcome": "killed", "category": "civilian", "words": "88881"}
        add_claim(session, ClaimInput.model_validate(usual | counted))
        return {
            name: create_token(session, TokenInput.model_validate({"name": name} | about))
            for name, about in ROLES.items()
        }


@pytest.fixture(scope="session")
def served(edition: Edition) -> Database:
    """The database; tests only read it."""

    def build(database: Database) -> None:
        TOKENS[edition.name] = fill_served(database)

    return edition.prepared("served", build)


@pytest.fixture(scope="session")
def tokens(served: Database, edition: Edition) -> dict[str, str]:
    """The token of each role, by its name."""
    return TOKENS[edition.name]


@pytest.fixture(scope="session")
def public(served: Database) -> Iterator[TestClient]:
    """Somebody without a token, of a server that shows the public tier to everybody."""
    with TestClient(serve(served, public_read=True), follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="session")
def closed(served: Database) -> Iterator[TestClient]:
    """Somebody without a token, of a server that shows nothing to such people."""
    with TestClient(serve(served), follow_redirects=False) as client:
        yield client


@pytest.fixture
def own(served: Database, edition: Edition) -> Iterator[Database]:
    """A copy that this test may write to."""
    copy = edition.copy(served)
    yield copy
    edition.remove(copy)


@pytest.fixture
def editing(own: Database, tokens: dict[str, str]) -> Iterator[TestClient]:
    """An editor, on a copy of the database."""
    headers = {"Authorization": f"Bearer {tokens['editor']}"}
    with TestClient(serve(own), headers=headers, follow_redirects=False) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    """The header that gives ``token``."""
    return {"Authorization": f"Bearer {token}"}


MANY = 230
"""More than two pages of a hundred."""


class Listening(NamedTuple):
    """A server in a process of its own: where its API is, the file of the token of this machine, and the process."""

    address: str
    token: Path
    process: int


def fill_several_pages(database: Database) -> None:
    """The ledger and a few hundred incidents more, some at one point."""
    fill(database)
    with write_session(database, who="tester", why="several pages") as session:
        for number in range(MANY):
            day = f"2017-{4 + number % 9:02}-{1 + number % 28:02}"
            kind = "shelling" if number % 10 == 0 else "unknown"
            row = add_incident(session, IncidentInput(code=f"n{number:03}", name=f"N {number}", start=day, kind=kind))
            place = {"lon": 38 + number // 3 / 100, "lat": 36.15, "precision": "exact", "method": "geolocated"}
            usual = {"source": "monitor", "report": "monitor-1"}
            add_location(session, row, LocationInput.model_validate(usual | place))


@pytest.fixture(scope="session")
def several_pages(edition: Edition) -> Database:
    """The database of :func:`listening`."""
    return edition.prepared("served to clients", fill_several_pages)


@contextmanager
def listener(url: str, state: Path, *options: str, first: str = "") -> Iterator[Listening]:
    """``incidents serve`` on the database at ``url``, while the block runs; ``first`` is Python that it runs before."""
    environment = os.environ | {"INCIDENTS_DATABASE_URL": url, "XDG_STATE_HOME": str(state)}
    words = ["incidents", "serve", "--port", "0", *options]
    with running(words, Place(Path.cwd(), environment), first) as (process, printed):
        yield Listening(printed.readline().split()[0], state / "incident-atlas" / "token", process)


@pytest.fixture(scope="session")
def listening(
    several_pages: Database, edition: Edition, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Listening]:
    """A server that shows the public tier to everybody."""
    with listener(edition.url(several_pages), tmp_path_factory.mktemp("state"), "--public-read") as found:
        yield found


def exported(database: Database, query: Query) -> dict[str, Any]:
    """The features of our own export of ``query``, by their code."""
    out = io.BytesIO()
    with read_session(database) as session:
        write_geojson(session, find(session, query).keys(), out)
    return {one["id"]: one for one in json.loads(out.getvalue())["features"]}
