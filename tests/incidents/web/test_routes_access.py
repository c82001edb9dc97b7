"""Who sees what on the pages, and what a page may load."""

from __future__ import annotations

import re

import pytest

from tests.incidents.web.conftest import Client

SECRETS = (
    "Mrs X",
    "Mrs Y",
    "77771",
    "88881",
    "37.98",
    "36.54",
    "35.33",
    "38.111",
    "Sealed",
    "An internal",
    "working note",
)
VIEW = "west=34&south=34&east=40&north=38&zoom=10"
"""Of the region, as close as a street, so that each place has a marker of its own."""
PATHS = (
    "/", "/?text=record", "/?place=36.543217,37.987654&radius=1km", "/?bbox=37.9,36.5,38.0,36.6",
    "/?bbox=1,1,2,2&unlocated=1", "/?killed_min=77000", "/?source=mrs-x", "/?stack=38.111222,35.333444",
    f"/map/view?{VIEW}", f"/map/view?{VIEW}&bbox=38,35,39,37", "/map/area?bbox=38,35,39,37",
    "/map/context", "/board", "/board?authority=coalition", "/incidents/market", "/incidents/market?as_of=2018-01-01",
    "/incidents/shelter", "/incidents/clinic", "/incidents/road", "/incidents/market/export.geojson",
    "/incidents/market/export.csv", "/incidents/market/export.claims", "/incidents/shelter/export.geojson",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_a_viewer_of_the_public_tier_reads_no_secret(client: Client, path: str) -> None:
    answer = client("viewer").get(path)
    assert answer.status_code == 200 or "source=mrs-x" in path
    asked = path.partition("?")[2]
    assert [secret for secret in SECRETS if secret in answer.text and secret not in asked] == []


def test_an_editor_reads_what_is_recorded(client: Client) -> None:
    editor = client("editor")
    text = "".join(editor.get(path).text for path in PATHS)
    assert [secret for secret in ("Mrs X", "77771", "37.98", "An internal", "working note") if secret not in text] == []


@pytest.mark.parametrize(
    "path", ["/incidents/{}", "/incidents/{}/export.geojson", "/record/{}/step", "/record/{}/same"]
)
@pytest.mark.parametrize("hidden", ["secret", "sealed", "A record of Mrs X"])
def test_a_hidden_record_answers_exactly_as_a_missing_one(client: Client, path: str, hidden: str) -> None:
    viewer = client("viewer")
    found, missing = viewer.get(path.format(hidden)), viewer.get(path.format("no-such-code"))
    assert found.status_code == missing.status_code == 404
    assert (
        found.text.replace(hidden, "no-such-code").replace(hidden.replace(" ", "%20"), "no-such-code") == missing.text
    )


@pytest.mark.parametrize("path", PATHS)
def test_nobody_is_led_to_the_page_for_signing_in(client: Client, path: str) -> None:
    answer = client("nobody").get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_only_those_who_may_record_see_and_send_forms(client: Client) -> None:
    viewer, editor = client("insider"), client("editor")
    assert "/record/market/step" not in viewer.get("/incidents/market").text
    assert viewer.get("/record/market/step").status_code == 404
    assert viewer.post("/record/market/step", data={"why": "none"}).status_code == 404
    assert "/record/market/step" in editor.get("/incidents/market").text
    assert editor.get("/record/market/step").status_code == 200
    assert editor.get("/record/market/nothing").status_code == 404


def test_only_those_who_may_record_see_the_queue_of_pairs_and_the_way_to_it(client: Client) -> None:
    assert client("viewer").get("/queue").status_code == 404
    assert "/queue" not in client("viewer").get("/board").text
    assert client("editor").get("/queue").status_code == 200
    assert "/queue" in client("editor").get("/board").text


def test_a_form_sent_by_another_site_is_refused(client: Client) -> None:
    answer = client("editor").post("/record/market/step", data={}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path", ["/", "/board", "/incidents/market", "/record/market/claim", "/incidents/no-such-code"]
)
def test_a_page_loads_and_runs_only_what_is_its_own(client: Client, path: str) -> None:
    answer = client("editor").get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert re.findall(r"<script(?![^>]* src=\"/static/)|\sstyle=|\son[a-z]+=\"|javascript:", answer.text) == []
    assert answer.headers["referrer-policy"] == "same-origin"


def test_the_hostile_name_is_escaped(client: Client) -> None:
    text = client("viewer").get("/incidents/market").text
    assert "<img src=x" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("killed_min=-1", "killed_min"),
        ("killed_min=999999999", "killed_min"),
        ("from=2017-02-30", "from"),
        ("status=nothing", "status"),
        ("bbox=1,2,3", "bbox"),
        ("polygon=1,1;2,2", "polygon"),
        ("polygon=1,1;2,two", "polygon"),
        ("polygon=0,0;2,2;0,2;2,0", "polygon"),  # it crosses itself
        ("radius=far&place=Aleppo", "radius"),
        ("source=nobody-of-this-name", "source"),
        ("place=Nowhereville", "place"),
        ("bbox=1,1,2,2&place=36.1,38.2", "place"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(client: Client, query: str, field: str) -> None:
    answer = client("viewer").get(f"/?{query}")
    assert answer.status_code == 422
    assert f'id="problem-{field}"' in answer.text
    assert f'aria-describedby="problem-{field}"' in answer.text


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("bbox=38.24,36.12,38.26,36.13", ["market"]),
        ("bbox=37.8,36.0,38.4,36.7", ["market", "shelter"]),
        ("polygon=38.1,36.0;38.4,36.0;38.4,36.3;38.1,36.3", ["market"]),
        ("text=السوق", ["market"]),
        ("status=credible", ["market"]),
        ("grading=confirmed", ["market"]),
        ("category=child", ["market"]),
        ("belligerent=coalition", ["market"]),
        ("from=2017-03-22&to=2017-03-23", ["clinic"]),
        ("text=السوق&stack=38.250000,36.125000", ["market"]),
        ("text=السوق&stack=1.000000,1.000000", []),
    ],
)
def test_what_is_asked_is_listed(client: Client, query: str, codes: list[str]) -> None:
    text = client("viewer").get(f"/?{query}").text
    assert re.findall(r"<h3><a href=\"/incidents/([a-z-]+)\"", text) == codes


def test_the_export_of_an_incident_is_the_public_one(client: Client) -> None:
    (feature,) = client("editor").get("/incidents/market/export.geojson").json()["features"]
    assert feature["id"] == "market"
    assert feature["properties"]["note"] is None
    assert client("editor").get("/incidents/market/export.exe").status_code == 404
    assert client("editor").get("/incidents/secret/export.geojson").status_code == 404
