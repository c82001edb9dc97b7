"""Every route of the API's own document, for every role, against public, restricted and sealed records (F22).

What is hidden is answered as what is not there, word for word, and nothing of it stands in any answer.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from db.engine import Database
from db.session import read_session
from incidents.dossiers import dossier
from incidents.records import find_incident
from incidents.tiers import Tier
from tests.incidents.api.conftest import ROLES, bearer, serve

SEEN = {
    "anonymous": ["public"],
    "viewer": ["public"],
    "partner": ["public", "restricted"],
    "insider": ["public", "restricted", "internal"],
    "editor": ["public", "restricted", "internal"],
    "admin": ["public", "restricted", "internal"],
}
MARKS = {
    "restricted": ["A record of Mrs X", "77771", "secret", "closed-1", "sealed.example"],
    "internal": [
        *("Sealed of Mrs Y", "88881", "sealed-c1", '"sealed"', "38.26", "36.126", "36.543217", "37.987654", "kept-1"),
        *("Mrs X speaks", "voice.example", "A working note", "An internal remark"),
    ],
}
"""What stands in records that only these tiers, or those above, may see."""
TIERS = ["public", "restricted", "internal"]
MISSING = {"code": "no-such", "key": "no-such", "number": "999999"}
READS = ("get", "head")
COLLECTIONS = ("incidents", "locations", "claims", "areas", "events", "no-such")


@pytest.fixture(scope="module")
def clients(served: Database, tokens: dict[str, str]) -> Iterator[dict[str, TestClient]]:
    """A client of each role; the anonymous one is let in to the public tier."""
    app = serve(served, public_read=True)
    with TestClient(app, follow_redirects=False) as anonymous:
        found = {"anonymous": anonymous}
        for name in ROLES:
            found[name] = TestClient(app, headers=bearer(tokens[name]), follow_redirects=False)
            found[name].portal = anonymous.portal  # or each request starts an event loop in a thread of its own
        yield found


@pytest.fixture(scope="module")
def hidden(served: Database) -> dict[str, list[dict[str, str]]]:
    """By tier, what stands for the parameters of a path: codes and numbers of records that only it may see."""
    found: dict[str, list[dict[str, str]]] = {}
    with read_session(served) as session:
        for tier, code in (("restricted", "secret"), ("internal", "sealed")):
            one = dossier(session, find_incident(session, code).key, tier=Tier.INTERNAL)
            assert one is not None
            place, claim = str(one.locations[0].key), one.claims[0].code
            found[tier] = [
                {"code": code, "key": code, "number": place},
                {"code": claim, "key": claim, "number": place},
                {"code": place, "key": place, "number": place},
            ]
    return found


def operations(client: TestClient) -> list[tuple[str, str]]:
    """Each method and path of the document."""
    paths = client.get("/api/openapi").json()["paths"]
    return [(method, path) for path, methods in paths.items() for method in methods]


def filled(path: str, values: dict[str, str]) -> list[str]:
    """The path with its parameters replaced; one for each collection where it takes one."""
    if "{collection}" in path:
        return [path.replace("{collection}", name) for name in COLLECTIONS]
    for name, value in (values | {"z": "6", "x": "38", "y": "25"}).items():
        path = path.replace(f"{{{name}}}", value)
    assert "{" not in path, path
    return [path]


def tiers_above(role: str) -> list[str]:
    return [tier for tier in ("restricted", "internal") if tier not in SEEN[role]]


def questions(path: str, tier: str) -> list[dict[str, Any]]:
    """Ways to ask the route; those that a route does not take are answered 400."""
    if path.endswith(".mvt"):
        return [{"tier": tier}]
    if not path.endswith(("/items", "/export")):
        return [{"tier": tier}, {"tier": tier, "f": "html"}] if "/items/" in path else [{}]
    narrowed: list[dict[str, Any]] = [
        *({}, {"f": "html"}, {"f": "csv"}, {"bbox": "38,36,39,37"}, {"q": "Mrs"}),
        *({"as_of": "2020-01-01"}, {"filter": "killed >= 77771"}, {"areas": "1"}),
    ]
    return [one | {"tier": tier} for one in narrowed] + [{}]


def distinct(asked: Iterable[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [dict(one) for one in dict.fromkeys(tuple(one.items()) for one in itertools.chain(*asked))]


def answer(client: TestClient, method: str, path: str, **options: Any) -> tuple[int, str, dict[str, str]]:
    sent = client.request(method, path, **options)
    headers = {name: value for name, value in sent.headers.items() if name not in {"content-length", "date"}}
    return sent.status_code, sent.text, headers


def body_of(method: str) -> dict[str, Any]:
    return {} if method in READS else {"json": {"why": "x", "data": {}}, "headers": {"If-Match": '"1"'}}


def test_the_document_names_what_this_test_walks(clients: dict[str, TestClient]) -> None:
    found = operations(clients["viewer"])
    assert len(found) > 25
    assert {method for method, _ in found} == {"get", "post", "patch"}


@pytest.mark.long
@pytest.mark.parametrize("role", SEEN)
def test_nothing_that_is_hidden_stands_in_any_answer(clients: dict[str, TestClient], hidden: Any, role: str) -> None:
    met = set()
    values = [{"code": "market", "key": "market"}, *itertools.chain(*hidden.values())]
    paths = [path for method, path in operations(clients["viewer"]) if method in READS]
    places = sorted({place for path in paths for one in values for place in filled(path, one)})
    for place in places:
        # A route that takes no tier is asked once.
        for asked in distinct(questions(place, tier) for tier in SEEN[role]):
            sent = clients[role].get(place, params=asked)
            assert sent.status_code in {200, 400, 404}, (place, asked, sent.text)
            lower = TIERS.index(asked.get("tier", "public"))
            for above, marks in MARKS.items():
                found = [mark for mark in marks if mark in sent.text and mark not in str(asked) + place]
                assert TIERS.index(above) <= lower or found == [], (place, asked)
                met |= set(found)
    # They do stand where they may, so that looking for them means something.
    assert met == {mark for tier, marks in MARKS.items() if tier in SEEN[role] for mark in marks}


@pytest.mark.parametrize("role", [role for role in SEEN if tiers_above(role)])
def test_what_is_hidden_is_answered_as_what_is_not_there(
    clients: dict[str, TestClient], hidden: Any, role: str
) -> None:
    for method, path in operations(clients["viewer"]):
        if "{" not in path or "{collection}" in path:
            continue
        (place,) = filled(path, MISSING)
        expected = answer(clients[role], method, place, **body_of(method))
        for values in itertools.chain(*(hidden[tier] for tier in tiers_above(role))):
            (place,) = filled(path, values)
            assert answer(clients[role], method, place, **body_of(method)) == expected, (method, place)


@pytest.mark.parametrize("role", [role for role in SEEN if tiers_above(role)])
def test_more_than_a_token_allows_is_refused(clients: dict[str, TestClient], role: str) -> None:
    for path in ("incidents/items", "claims/items", "incidents/items/market"):
        for tier in tiers_above(role):
            sent = clients[role].get(f"/api/collections/{path}", params={"tier": tier})
            assert (sent.status_code, sent.json()["code"]) == (403, "forbidden")


def test_nobody_is_let_in_to_any_route_without_a_token(
    closed: TestClient, clients: dict[str, TestClient], hidden: Any
) -> None:
    for method, path in operations(clients["viewer"]):
        for values in (MISSING, {"code": "market", "key": "market", "number": "1"}, *hidden["internal"]):
            for place in filled(path, values):
                status, text, _ = answer(closed, method, place, **body_of(method))
                assert (status, "unauthorised" in text) == (401, True), (method, place)
