"""The landing page and what it leads to."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tests.incidents.api.conftest import bearer


def test_every_link_of_the_landing_page_and_the_collections_leads_somewhere(public: TestClient) -> None:
    tried = set()
    for start in ("/api", "/api/collections", "/api/collections/incidents", "/api/conformance"):
        found = public.get(start).json()
        links = [*found["links"], *(link for one in found.get("collections", ()) for link in one["links"])]
        assert {link["rel"] for link in links} >= {"self", "alternate"}
        for link in links:
            answer = public.get(link["href"])
            assert answer.status_code == 200, link
            assert answer.headers["content-type"].split(";")[0] == link["type"].split(";")[0], link
            tried.add(link["href"])
    assert len(tried) > 15


def test_the_standards_conformed_to_are_said(public: TestClient) -> None:
    found = public.get("/api/conformance").json()["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in found
    assert len(found) == len(set(found))


def test_the_document_names_every_route_with_a_summary(public: TestClient) -> None:
    document = public.get("/api/openapi").json()
    assert document["openapi"].startswith("3.")
    assert "/api/collections/incidents/items" in document["paths"]
    assert all(operation["summary"] for path in document["paths"].values() for operation in path.values())


def test_the_document_says_who_may_ask_and_in_which_forms_it_is_answered(
    public: TestClient, closed: TestClient, tokens: dict[str, str]
) -> None:
    document = public.get("/api/openapi").json()
    kinds = document["components"]["securitySchemes"]
    assert kinds["token"] == {"type": "http", "scheme": "bearer"}
    assert {} in document["security"], "without a token too"
    served = closed.get("/api/openapi", headers=bearer(tokens["viewer"])).json()
    assert served["security"] == [{name: []} for name in kinds]
    items = document["paths"]["/api/collections/incidents/items"]["get"]
    assert {"application/geo+json", "application/geo+json-seq", "text/html"} <= items["responses"]["200"][
        "content"
    ].keys()
    forms = {one["name"]: one["schema"] for one in items["parameters"]}["f"]["enum"]
    assert sorted(forms) == ["csv", "geojson", "geojsonseq", "html", "json"]
    for name in forms:
        assert public.get("/api/collections/incidents/items", params={"f": name}).status_code == 200
    edit = document["paths"]["/api/collections/incidents/items/{code}"]["patch"]
    assert [one["name"] for one in edit["parameters"] if one["required"]] == ["code", "If-Match"]


def test_a_method_that_is_lacking_is_answered_with_those_that_are_there(public: TestClient) -> None:
    answer = public.put("/api/collections/incidents/items")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert public.delete("/api/collections/incidents/items/market").headers["allow"] == "GET, PATCH"


@pytest.mark.parametrize(
    "path", ["/api", "/api/collections", "/api/conformance", "/api/openapi", "/api/collections/incidents"]
)
def test_a_browser_is_given_a_page(public: TestClient, path: str) -> None:
    answer = public.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert answer.text.startswith("<!doctype html>")
    assert "</html>" in answer.text
    assert public.get("/api/style.css").headers["content-type"].startswith("text/css")


def test_a_tile_is_given_with_its_type_and_none_outside_the_map(public: TestClient) -> None:
    answer = public.get("/api/tiles/6/38/25.mvt")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/vnd.mapbox-vector-tile")
    for path in ("1/2/0", "99/0/0", "x/0/0", "0/0/-1", f"0/0/{'9' * 30}"):
        assert public.get(f"/api/tiles/{path}.mvt").status_code == 404
    assert public.get("/api/tiles/0/0/0.mvt?colour=red").status_code == 400
