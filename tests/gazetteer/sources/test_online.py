"""Online services, for which a server on this computer stands in: asked only when wanted, once, and with manners."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from localweb import LOOPBACK, LocalWeb, Reply, local_web
from sqlmodel import select

from db.engine import Database
from db.errors import AtlasError, InputError, ResourceError
from db.session import read_session
from db.tables import Place, ServiceAnswer
from db.vocabulary import PlaceKind, PrecisionLevel
from gazetteer.sources import online
from gazetteer.sources.online import OnlineGeocoder, Service

pytestmark = pytest.mark.allow_hosts(LOOPBACK)
AGENT = "casualty-desk (desk@example.org)"

NOMINATIM = {
    "place_id": 1, "licence": "Data © OpenStreetMap contributors, ODbL 1.0.", "osm_type": "node", "osm_id": 11,
    "boundingbox": ["35.95", "35.97", "36.69", "36.71"], "lat": "35.96", "lon": "36.70", "class": "place",
    "type": "village", "addresstype": "village", "name": "الجينة", "importance": 0.21,
    "display_name": "الجينة, حلب, سوريا",
    "address": {"village": "الجينة", "state": "حلب", "country": "سوريا", "country_code": "sy"},
}  # fmt: skip
PHOTON = {
    "type": "Feature", "geometry": {"type": "Point", "coordinates": [39.01, 35.95]},
    "properties": {"osm_type": "R", "osm_id": 12, "osm_key": "place", "osm_value": "city", "type": "city",
                   "name": "Raqqa", "country": "Syria", "countrycode": "SY", "state": "Raqqa Governorate",
                   "extent": [38.95, 35.99, 39.07, 35.91]},
}  # fmt: skip
GEONAMES = {
    "geonameId": 98182, "name": "Baghdad", "lat": "33.34058", "lng": "44.40088", "fcl": "P", "fcode": "PPLC",
    "countryCode": "IQ", "countryName": "Iraq", "adminName1": "Baghdad", "population": 7_216_000,
}  # fmt: skip


def as_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    with local_web() as running:
        running.put("/search", as_json([NOMINATIM]))
        running.put("/api", as_json({"type": "FeatureCollection", "features": [PHOTON]}))
        running.put("/searchJSON", as_json({"totalResultsCount": 1, "geonames": [GEONAMES]}))
        yield running


def desk(database: Database, web: LocalWeb, service: str = "nominatim", **options: float) -> OnlineGeocoder:
    return OnlineGeocoder(
        database, service, user_agent=AGENT, domain=web.address.removeprefix("http://"), scheme="http",
        username="desk" if service == "geonames" else None, **options,
    )  # fmt: skip


def test_nominatim_answers_with_candidates_that_claim_no_probability(database: Database, web: LocalWeb) -> None:
    answer = desk(database, web).search("  الجينة ", country="sy", language="ar", limit=5)
    (found,) = answer.candidates
    assert (found.source, found.source_key, found.name, found.kind) == (
        "nominatim", "node/11", "الجينة", PlaceKind.SETTLEMENT,
    )  # fmt: skip
    assert (found.lon, found.lat, found.country) == (36.70, 35.96, "SY")
    assert found.hierarchy == ("سوريا", "حلب")
    assert (found.probability, found.place_id, found.precision) == (0.0, None, PrecisionLevel.SETTLEMENT)
    assert found.radius_m == 5_000  # nobody counted, so it is taken for a town
    assert found.reasons[0] == "no probability: an online service's answer"
    assert "© OpenStreetMap contributors" in found.reasons[-1]
    asked = parse_qs(web.asked[0].query)
    assert (asked["q"], asked["countrycodes"], asked["limit"]) == (["الجينة"], ["SY"], ["5"])
    assert web.asked[0].headers["user-agent"] == AGENT


def test_photon_answers_with_the_extent_as_radius(database: Database, web: LocalWeb) -> None:
    (found,) = desk(database, web, "photon").search("Raqqa", language="ar").candidates
    assert (found.key, found.hierarchy, found.country) == ("photon:relation/12", ("Syria", "Raqqa Governorate"), "SY")
    assert 6_900 < found.radius_m < 7_100  # to the farthest corner of its box
    assert "lang" not in parse_qs(web.asked[0].query), "the public Photon answers 400 to a language it has not"


def test_geonames_answers_and_the_account_is_not_kept(database: Database, web: LocalWeb) -> None:
    answer = desk(database, web, "geonames").search("Baghdad", country="IQ")
    (found,) = answer.candidates
    assert (found.key, found.population, found.radius_m) == ("geonames:98182", 7_216_000, 10_000)
    assert "username=desk" in web.asked[0].query
    assert "desk" not in answer.query
    assert answer.licence.startswith("CC BY 4.0, GeoNames")


def test_results_elsewhere_are_left_out_but_kept_raw(database: Database, web: LocalWeb) -> None:
    answer = desk(database, web, "photon").search("Raqqa", country="IQ")
    assert (len(answer.candidates), len(answer.results)) == (0, 1)


@pytest.mark.parametrize(
    ("service", "path", "empty"),
    [
        ("nominatim", "/search", []),
        ("photon", "/api", {"features": []}),
        ("geonames", "/searchJSON", {"geonames": []}),
    ],
)
def test_an_answer_is_asked_for_once_even_when_it_is_empty(
    database: Database, web: LocalWeb, service: str, path: str, empty: object
) -> None:
    web.put(path, as_json(empty))
    first = desk(database, web, service).search("Nowhere")
    again = desk(database, web, service).search("Nowhere ")
    assert (first.cached, again.cached) == (False, True)
    assert first.candidates == again.candidates == ()
    assert first.asked_at == again.asked_at
    assert len(web.asked) == 1
    desk(database, web, service).search("Nowhere", country="SY")
    assert len(web.asked) == 2, "another question is another answer"


def test_what_is_kept_says_service_time_and_licence_and_is_no_place(database: Database, web: LocalWeb) -> None:
    before = datetime.now(UTC)
    desk(database, web).search("الجينة")
    with read_session(database) as session:
        (row,) = session.exec(select(ServiceAnswer)).all()
        assert session.exec(select(Place)).all() == []
        assert (row.service, json.loads(row.query)["q"]) == ("nominatim", "الجينة")
        assert row.licence == online.LICENCES[Service.NOMINATIM]
        assert before <= row.asked_at <= datetime.now(UTC)
        assert json.loads(row.answer) == [NOMINATIM]


def test_a_kept_answer_is_served_without_a_network(database: Database, web: LocalWeb) -> None:
    geocoder = desk(database, web)
    first = geocoder.search("الجينة")
    web.put("/search", Reply(b"", 503))
    again = geocoder.search("الجينة")
    assert again.cached
    assert again.candidates == first.candidates
    assert geocoder.cached("الجينة") == again
    assert geocoder.cached("حلب") is None


# What the service does, and the stable code of the error.
@pytest.mark.parametrize(
    ("reply", "code"),
    [
        pytest.param(Reply(b"", 403), "service_refused", id="forbidden"),
        pytest.param(Reply(b"", 429), "service_refused", id="too often"),
        pytest.param(Reply(b"", 500), "service_unavailable", id="broken"),
        pytest.param(Reply(b"", 504), "service_timed_out", id="late"),
        pytest.param(Reply(b"<html>"), "service_unreadable", id="a web page"),
        pytest.param(Reply(b"[1]"), "service_unreadable", id="another list"),
        pytest.param(Reply(b'[{"lat": "x"}]'), "service_unreadable", id="no number"),
        pytest.param(Reply(b"\xff"), "service_unreadable", id="not UTF-8"),
    ],
)
def test_a_service_that_fails_is_said_and_nothing_is_kept(
    database: Database, web: LocalWeb, reply: Reply, code: str
) -> None:
    web.put("/search", reply)
    with pytest.raises(ResourceError) as error:
        desk(database, web).search("x")
    assert error.value.code == code
    assert "nominatim" in str(error.value)
    assert error.value.fix
    assert len(web.asked) == 1, "a refusal is not answered by asking again"
    assert desk(database, web).cached("x") is None


def test_a_service_that_is_silent_is_waited_for_no_longer_than_was_said(database: Database, web: LocalWeb) -> None:
    web.put("/search", Reply(as_json([NOMINATIM]), wait_s=0.5))
    with pytest.raises(ResourceError) as error:
        desk(database, web, timeout=0.1).search("x")
    assert error.value.code == "service_timed_out"


def test_a_country_is_a_code_because_a_name_would_be_taken_for_none(database: Database, web: LocalWeb) -> None:
    with pytest.raises(InputError) as error:
        desk(database, web).search("x", country="Syria")
    assert error.value.code == "bad_country"


def test_geonames_errors_in_a_good_answer_are_seen(database: Database, web: LocalWeb) -> None:
    web.put("/searchJSON", as_json({"status": {"message": "the hourly limit of 1000 credits", "value": 19}}))
    with pytest.raises(ResourceError) as error:
        desk(database, web, "geonames").search("x")
    assert error.value.code == "service_refused"


def test_without_a_network_the_remedy_is_said(database: Database) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        domain = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ResourceError) as error:
        OnlineGeocoder(database, user_agent=AGENT, domain=domain, scheme="http").search("x")
    assert error.value.code == "service_unavailable"
    assert "Check the connection" in str(error.value)


@pytest.mark.input
@pytest.mark.parametrize(
    "agent",
    ["", "  ", "geopy/2.5.0", "Python-urllib/3.11", "my-application", "test", "x", "incident-atlas/0.1.0", "a\nHost: b",
     "مكتب التوثيق"],
)  # fmt: skip
def test_a_user_agent_that_names_nobody_is_refused(database: Database, agent: str) -> None:
    with pytest.raises(InputError) as error:
        OnlineGeocoder(database, user_agent=agent)
    assert error.value.code == "no_user_agent"
    assert "casualty-desk (desk@example.org)" in str(error.value)


# What is wrong with the options, and the stable code of the error.
@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"service": "google"}, "unknown_service"),
        ({"service": "geonames"}, "no_username"),
        ({"scheme": "http"}, "insecure_service"),
        ({"scheme": "ftp", "domain": "geo.example.org"}, "insecure_service"),
    ],
)
def test_wrong_options_are_refused(database: Database, options: dict[str, str], code: str) -> None:
    with pytest.raises(InputError) as error:
        OnlineGeocoder(database, user_agent=AGENT, **options)
    assert error.value.code == code


# The question, and the stable code of the error.
@pytest.mark.parametrize(
    ("text", "limit", "code"),
    [("", 5, "empty_query"), ("x" * 600, 5, "too_long"), ("x", 0, "out_of_range"), ("x\x00", 5, "control_character"),
     ('"' * 300, 5, "too_long")],
)  # fmt: skip
def test_a_question_that_cannot_be_kept_is_not_asked(
    database: Database, web: LocalWeb, text: str, limit: int, code: str
) -> None:
    with pytest.raises(AtlasError) as error:
        desk(database, web).search(text, limit=limit)
    assert error.value.code == code
    assert web.asked == []


def test_a_public_service_is_asked_once_a_second_by_all_together(database: Database) -> None:
    slow = OnlineGeocoder(database, user_agent=AGENT, min_delay_s=0.0)
    slower = OnlineGeocoder(database, "photon", user_agent=AGENT, min_delay_s=3.0)
    assert (slow._delay_s, slower._delay_s) == (1.0, 3.0)
    assert online._limiter(slow.domain, 1.0) is online._limiter(slow.domain, 2.0)
    assert online._limiter(slow.domain, 1.0).min_delay_seconds == 2.0


def test_requests_wait_for_their_turn(database: Database, web: LocalWeb, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("geopy.extra.rate_limiter.sleep", lambda seconds: waits.append(seconds))
    clock = iter(range(1_000))
    geocoder = desk(database, web, min_delay_s=1.5)
    limiter = online._limiter(geocoder.domain, 1.5)
    limiter._clock = lambda: next(clock)  # a second goes by each time it is looked at
    for word in ("a", "b"):
        geocoder.search(word)
    assert waits == [0.5]
    assert len(web.asked) == 2


def test_what_could_not_be_kept_is_not_asked(
    database: Database, web: LocalWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = replace(database.state(), writable=False)
    monkeypatch.setattr(type(database), "state", lambda _: found)
    with pytest.raises(ResourceError) as error:
        desk(database, web).search("x")
    assert error.value.code == "cannot_keep"
    assert web.asked == []


def test_an_answer_too_long_for_its_column_loses_its_last_results(database: Database, web: LocalWeb) -> None:
    long = [NOMINATIM | {"osm_id": number, "extra": "x" * 30_000} for number in range(6)]
    web.put("/search", as_json(long))
    first = desk(database, web).search("x")
    assert [one.source_key for one in first.candidates] == ["node/0", "node/1", "node/2"]
    assert desk(database, web).search("x").candidates == first.candidates


def test_half_a_character_in_an_answer_can_be_kept(database: Database, web: LocalWeb) -> None:
    web.put("/search", json.dumps([NOMINATIM | {"name": "a\ud800b\x07c"}]).encode())
    first = desk(database, web).search("x")
    assert first.candidates[0].name == "a?b c"
    assert desk(database, web).search("x").candidates == first.candidates


def test_services_have_hosts_and_licences() -> None:
    assert set(online.PUBLIC_HOSTS) == set(online.LICENCES) == set(Service)
