"""Changes over HTTP: recorded as the command line does, under the name of the token, once, and never over another's."""

from __future__ import annotations

import gzip
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlmodel import select
from starlette.responses import Response
from starlette.testclient import TestClient

from db.engine import Database
from db.session import read_session
from db.tables import ChangeSet, Incident
from incidents.api.examples import EXAMPLES
from incidents.history import history_of
from incidents.records import find_incident
from tests.incidents.api.conftest import bearer, serve

ITEMS = "/api/collections/incidents/items"
MARKET = f"{ITEMS}/market"
SOURCE = {"source": "monitor", "report": "monitor-1"}
NEW = {"code": "bridge", "name": "The bridge", "start": "2017-05-01", "country": "SY"}
ADDED: dict[str, dict[str, Any]] = {
    f"{MARKET}/locations": SOURCE | {"lon": 38.2, "lat": 36.1, "precision": "exact", "method": "geolocated"},
    f"{MARKET}/gradings": {"grading": "weak", "by": "echo", "why": "One source."},
    f"{MARKET}/steps": {"authority": "coalition", "state": "open", "taken": "2019-01-02", "why": "Reopened."},
    f"{MARKET}/attributions": {"organisation": "air-arm", "strength": "likely", "by": "echo", "report": "monitor-1"},
    f"{MARKET}/statements": {"by": "echo", "report": "monitor-1", "words": "It was dark."},
    "/api/claims": SOURCE | {"incident": "market", "outcome": "killed", "category": "civilian", "words": "at least 50"},
    "/api/judgements": {"first": "market", "second": "clinic", "verdict": "different", "evidence": "Another day."},
    "/api/reports": {"code": "echo-2", "publisher": "echo", "title": "A second report"},
    "/api/organisations": {"code": "council", "name": "The Council", "kind": "government"},
    ITEMS: NEW,
}


def send(client: TestClient, path: str, data: Any, method: str = "POST", **headers: str) -> Any:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.request(method, path, json={"why": "a test", "data": data}, headers=names)


def edit(client: TestClient, data: Any, tag: str, path: str = MARKET) -> Any:
    return send(client, path, data, "PATCH", If_Match=tag)


def counted(database: Database) -> int:
    with read_session(database) as session:
        return len(session.exec(select(ChangeSet)).all())


@pytest.mark.parametrize("path", ADDED)
def test_each_kind_is_recorded_under_the_name_of_the_token(editing: TestClient, own: Database, path: str) -> None:
    answer = send(editing, path, ADDED[path])
    assert answer.status_code == 201, answer.text
    assert answer.json()["id"] > 0
    with read_session(own) as session:
        last = session.exec(select(ChangeSet).order_by(ChangeSet.id.desc())).first()
        assert last is not None
        assert (last.who, last.why) == ("editor", "a test")


def test_each_example_of_the_document_is_accepted(editing: TestClient) -> None:
    tried = 0
    for path, methods in editing.get("/api/openapi").json()["paths"].items():
        for method, operation in methods.items():
            if method == "get":
                continue
            example = operation["requestBody"]["content"]["application/json"]["example"]
            place = path.format(code="market-late" if "/claims/" in path else "market", number="1")
            answer = editing.request(method, place, json=example, headers={"If-Match": '"1"'})
            assert answer.status_code in {200, 201}, (path, answer.text)
            tried += 1
    assert tried == len(EXAMPLES)


def test_what_is_recorded_is_found_at_the_address_that_is_given(editing: TestClient) -> None:
    answer = send(editing, ITEMS, NEW)
    found = editing.get(answer.headers["location"]).json()
    assert found["properties"]["name"] == "The bridge"
    send(editing, "/api/claims", ADDED["/api/claims"] | {"incident": "bridge"})
    shown = editing.get(answer.headers["location"]).json()["properties"]["ranges"]["killed_civilian"]
    assert shown["text"] == "50+"
    assert editing.get(ITEMS, params={"datetime": "2017-05-01"}).json()["numberMatched"] == 1


class TestEdits:
    """An edit names the version that was seen (B65)."""

    def test_it_is_made_on_the_version_that_was_read(self, editing: TestClient) -> None:
        answer = edit(editing, {"name": "Renamed"}, editing.get(MARKET).headers["etag"])
        assert (answer.status_code, answer.json()["version"], answer.headers["etag"]) == (200, 2, '"2"')
        assert editing.get(MARKET).json()["properties"]["name"] == "Renamed"

    def test_without_a_version_it_is_refused(self, editing: TestClient) -> None:
        answer = send(editing, MARKET, {"name": "Renamed"}, "PATCH")
        assert (answer.status_code, answer.json()["code"]) == (428, "precondition_required")

    @pytest.mark.parametrize("tag", ["*", "1", '"x"', '"9"', '"1-zz"', '"0001234567890"'])
    def test_a_tag_that_was_never_given_is_refused(self, editing: TestClient, tag: str) -> None:
        answer = edit(editing, {"name": "Renamed"}, tag)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_etag")

    def test_a_stale_one_is_answered_with_what_changed(self, editing: TestClient) -> None:
        tag = editing.get(MARKET).headers["etag"]
        assert edit(editing, {"name": "First", "kind": "shelling"}, tag).status_code == 200
        assert edit(editing, {"name": "Second"}, '"2"').status_code == 200
        answer = edit(editing, {"name": "Third"}, tag)
        assert answer.status_code == 412
        found = answer.json()
        assert (found["code"], found["current_version"], answer.headers["etag"]) == ("stale_version", 3, '"3"')
        assert {one["field"]: (one["before"], one["now"]) for one in found["differences"]} == {
            "name": ("=Market <img src=x onerror=alert(1)>", "Second"),
            "kind": ("airstrike", "shelling"),
        }

    def test_of_editors_at_once_one_is_taken_and_the_others_are_told(self, editing: TestClient, own: Database) -> None:
        """F05 in small: no edit is lost without a word."""
        with ThreadPoolExecutor(4) as pool:
            answers = list(
                pool.map(lambda number: edit(editing, {"name": f"By {number}"}, '"1"').status_code, range(4))
            )
        assert sorted(answers) == [200, 412, 412, 412]
        with read_session(own) as session:
            assert find_incident(session, "market").version == 2

    def test_a_withdrawal_names_its_version_too(self, editing: TestClient) -> None:
        path = "/api/claims/market-late/withdrawal"
        data = {"on": "2018-01-01", "why": "Counted twice."}
        assert send(editing, path, data).status_code == 428
        assert send(editing, path, data, If_Match='"1"').json()["version"] == 2
        assert send(editing, path, data, If_Match='"1"').status_code == 412
        assert send(editing, "/api/locations/1/withdrawal", {}, If_Match='"1"').status_code == 200
        for nothing in ("/api/locations/999999/withdrawal", "/api/locations/x/withdrawal"):
            assert send(editing, nothing, {}, If_Match='"1"').status_code == 404
        assert send(editing, "/api/claims/no-such/withdrawal", data, If_Match='"1"').status_code == 404


class TestSentAgain:
    """A change that is sent again under its key is made once."""

    def test_it_has_the_same_answer_and_nothing_is_recorded(self, editing: TestClient, own: Database) -> None:
        first = send(editing, ITEMS, NEW, Idempotency_Key="k-1")
        before = counted(own)
        again = send(editing, ITEMS, NEW, Idempotency_Key="k-1")
        assert (again.status_code, again.json()) == (201, first.json())
        assert again.headers["idempotency-replayed"] == "true"
        assert again.headers["etag"] == first.headers["etag"]
        assert counted(own) == before

    def test_another_change_under_the_key_is_refused(self, editing: TestClient) -> None:
        send(editing, ITEMS, NEW, Idempotency_Key="k-1")
        answer = send(editing, ITEMS, NEW | {"code": "other"}, Idempotency_Key="k-1")
        assert (answer.status_code, answer.json()["code"]) == (409, "key_used")
        assert editing.get(f"{ITEMS}/other").status_code == 404

    def test_the_key_of_another_person_is_another_key(self, own: Database, tokens: dict[str, str]) -> None:
        with TestClient(serve(own)) as client:
            for name in ("editor", "admin"):
                client.headers.update(bearer(tokens[name]))
                data = {"grading": "weak", "by": "echo", "why": "x"}
                answer = send(client, f"{MARKET}/gradings", data, Idempotency_Key="k")
                assert "idempotency-replayed" not in answer.headers

    def test_a_change_that_failed_may_be_corrected_under_its_key(self, editing: TestClient) -> None:
        assert send(editing, ITEMS, NEW | {"start": "2017-02-30"}, Idempotency_Key="k").status_code == 422
        assert send(editing, ITEMS, NEW, Idempotency_Key="k").status_code == 201


def raw(client: TestClient, body: bytes, kind: str = "application/json") -> Response:
    return client.post(ITEMS, content=body, headers={"Content-Type": kind})  # type: ignore[return-value]


class TestBadBodies:
    """What the table of bad inputs says of bodies."""

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            (b"", 400, "empty_file"),
            (b"{", 400, "not_json"),
            (b"[]", 422, "not_an_object"),
            (b"{}", 422, "missing_field"),
            (b'{"why":"a","why":"b","data":{}}', 400, "duplicate_key"),  # B49
            (b"[" * 100_000 + b"]" * 100_000, 400, "too_deep"),  # B50
            (b'{"why":"a","data":' + b'{"a":' * 40 + b"1" + b"}" * 41, 400, "too_deep"),  # B47
            (b'{"why":"a","data":' + b"9" * 5000 + b"}", 400, "number_too_long"),  # B53
            (b'{"why":"a","data":{"code":"x","name":"\\ud800"}}', 422, "bad_unicode"),  # B05
            (b'{"why":"a","data":{"code":"x","name":"\\u0000"}}', 422, "control_character"),  # B06
            (b'{"why":"a","data":{"code":"x","name":"n","colour":1}}', 422, "unknown_field"),  # B14
            (b'{"why":"a","data":{"code":"x","name":"n","start":1e999}}', 422, "not_finite"),  # B20
            (b'{"why":"","data":{"code":"x","name":"n"}}', 422, "blank"),
            (b'{"why":"a","data":{"code":"x y","name":"n"}}', 422, "invalid_value"),
            (b"\xff\xfe", 400, None),
            (b"PK\x03\x04\x14\x00\x06\x00" + b"\x00" * 1000, 400, "not_text"),  # B54
            (gzip.compress(b"[]" * 500_000), 400, "not_text"),  # B54
        ],
        ids=range(17),
    )
    def test_it_is_refused_with_its_code(
        self, editing: TestClient, own: Database, body: bytes, status: int, code: str | None
    ) -> None:
        answer = raw(editing, body)
        assert answer.status_code == status, answer.text  # type: ignore[attr-defined]
        assert answer.headers["content-type"] == "application/problem+json"
        found = answer.json()  # type: ignore[attr-defined]
        assert code is None or found["code"] == code

    def test_another_type_of_content_is_refused(self, editing: TestClient) -> None:
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
            assert raw(editing, b"{}", kind).status_code == 415  # B55

    def test_a_polygon_of_too_many_corners_is_refused(self, editing: TestClient) -> None:
        ring = [[38 + number / 1e6, 36.0] for number in range(10_001)]
        area = {"type": "Polygon", "coordinates": [ring]}
        data = SOURCE | {"area": area, "precision": "adm3", "method": "gazetteer"}
        answer = send(editing, f"{MARKET}/locations", data)
        assert (answer.status_code, answer.json()["code"]) == (422, "too_many_vertices")  # B46

    @pytest.mark.parametrize(
        ("path", "data", "status", "code"),
        [
            (ITEMS, NEW | {"code": "market"}, 409, "duplicate_code"),
            ("/api/claims", ADDED["/api/claims"] | {"source": "nobody"}, 422, "unknown_organisation"),
            ("/api/claims", ADDED["/api/claims"] | {"words": "-3"}, 422, None),
            (f"{MARKET}/steps", ADDED[f"{MARKET}/steps"] | {"state": "reported"}, 422, "illegal_move"),  # B64
            (f"{MARKET}/locations", ADDED[f"{MARKET}/locations"] | {"lat": 95}, 422, "out_of_range"),  # B34
            (f"{ITEMS}/no-such/gradings", ADDED[f"{MARKET}/gradings"], 404, "not_found"),
            (f"{ITEMS}/{'9' * 30}/gradings", ADDED[f"{MARKET}/gradings"], 404, "not_found"),
        ],
    )
    def test_the_rules_are_those_of_the_command_line(
        self, editing: TestClient, own: Database, path: str, data: Any, status: int, code: str | None
    ) -> None:
        before = counted(own)
        answer = send(editing, path, data)
        assert answer.status_code == status, answer.text
        assert code is None or answer.json()["code"] == code
        assert counted(own) == before


def test_a_judgement_that_contradicts_others_names_the_chain(editing: TestClient) -> None:
    data = ADDED["/api/judgements"]
    assert send(editing, "/api/judgements", data | {"verdict": "same"}).status_code == 201
    answer = send(editing, "/api/judgements", data | {"first": "shelter"})
    assert (answer.status_code, answer.json()["code"]) == (409, "contradicting_judgement")  # B66
    assert "shelter – market – clinic" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["viewer", "partner", "insider"])
def test_only_editors_record(own: Database, tokens: dict[str, str], name: str) -> None:
    before = counted(own)
    with TestClient(serve(own, public_read=True), headers=bearer(tokens[name])) as client:
        for path in ADDED:
            answer = send(client, path, ADDED[path])
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), path
    assert counted(own) == before


def test_the_history_names_who_and_why(editing: TestClient, own: Database) -> None:
    edit(editing, {"name": "Renamed"}, '"1"')
    with read_session(own) as session:
        row = session.exec(select(Incident).where(Incident.code == "market")).one()
        last = history_of(session, row.key)[-1]
    assert (last.who, last.why) == ("editor", "a test")
    assert "Renamed" in last.changes[0]
