"""A server in the process, on a ledger that has records of every tier, with a token for each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from db.engine import Database
from db.session import write_session
from incidents.api.access import Access
from incidents.api.app import create_app
from incidents.claims import ClaimInput, add_claim
from incidents.locations import LocationInput, add_location
from incidents.records import IncidentInput, add_incident
from incidents.tokens import TokenInput, create_token
from tests.editions import Edition
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
