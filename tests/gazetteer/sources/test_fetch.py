"""Fetching a country from servers that stand in for GeoNames and geoBoundaries, and reading it in."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from localweb import LOOPBACK, LocalWeb, Reply, local_web, zipped
from sqlmodel import Session, select

from db.engine import Database
from db.errors import AtlasError, InputError, ResourceError
from db.session import read_session
from db.tables import ImportRun, Place, PlaceName
from db.vocabulary import PlaceKind
from gazetteer.sources import fetch as fetching
from gazetteer.sources.download import Downloader, Outcome
from gazetteer.sources.fetch import BaseUrls, Fetched, FileKind, Imported, fetch, fetch_and_import

pytestmark = pytest.mark.allow_hosts(LOOPBACK)

PLACES = "".join(
    "\t".join([key, name, name, others, lat, lon, "P", code, "SY", "", admin1, "", "", "", people, "", "", "", ""])
    + "\n"
    for key, name, others, lat, lon, code, admin1, people in (
        ("170063", "Aleppo", "حلب,Halab", "36.20124", "37.16117", "PPLA", "09", "1602264"),
        ("8559276", "Al Manşūrah", "", "35.83917", "38.74288", "PPLA3", "04", "0"),
    )
)
NAMES = "1\t170063\tar\tحلب\t1\t\t\t\t\t\n2\t170063\tfr\tAlep\t\t\t\t\t\t\n"
ADMIN1 = "SY.09\tAleppo\tAleppo\t170062\nSY.04\tRaqqa\tRaqqa\t172412\n"
ADMIN2 = "SY.09.170061\tMenbij District\tMenbij District\t170061\n"
LICENCE = "Creative Commons Attribution 3.0 Intergovernmental Organisations (CC BY 3.0 IGO)"


def square(name: str, west: float, south: float, side: float) -> dict[str, object]:
    ring = [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]
    properties = {"shapeName": name, "shapeID": f"id-{name}", "shapeGroup": "SYR"}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def collection(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def offer(web: LocalWeb, level: str, **changes: object) -> bytes:
    full = f"{web.address}/gb/SYR-{level}.geojson"
    facts = {
        "boundaryISO": "SYR", "boundaryType": level, "boundaryLicense": LICENCE, "boundarySource": "OCHA ROMENA",
        "gjDownloadURL": full, "simplifiedGeometryGeoJSON": full.replace(".geojson", "_simplified.geojson"),
    }  # fmt: skip
    return json.dumps(facts | changes).encode()


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """A server with everything of Syria but its districts, as geoBoundaries lacks a level of many countries."""
    with local_web() as running:
        running.put("/dump/SY.zip", Reply(zipped(SY__txt=PLACES.encode()), headers={"ETag": '"a"'}))
        running.put("/dump/alternatenames/SY.zip", zipped(SY__txt=NAMES.encode(), readme__txt=b"about"))
        running.put("/dump/admin1CodesASCII.txt", Reply(ADMIN1.encode(), headers={"ETag": '"b"'}))
        running.put("/dump/admin2Codes.txt", ADMIN2.encode())
        for level, features in (
            ("ADM0", [square("Syria", 35, 32, 7)]),
            ("ADM1", [square("Aleppo", 36.5, 35.5, 1.5), square("Raqqa", 38, 35, 1.5)]),
        ):
            running.put(f"/gbOpen/SYR/{level}/", offer(running, level))
            running.put(f"/gb/SYR-{level}.geojson", collection(*features))
            running.put(f"/gb/SYR-{level}_simplified.geojson", collection(*features[:1]))
        yield running


@pytest.fixture
def loader() -> Downloader:
    return Downloader(timeout_s=5, attempts=3, backoff_s=0)


def urls(web: LocalWeb) -> BaseUrls:
    return BaseUrls(f"{web.address}/dump", f"{web.address}/gbOpen/")


def got(web: LocalWeb, folder: Path, loader: Downloader, **options: bool) -> dict[str, Fetched]:
    found = fetch(["sy", "SY"], folder=folder, base_urls=urls(web), downloader=loader, **options)
    return {one.name: one for one in found}


def code_of(error: AtlasError | None) -> str:
    return "" if error is None else error.code


def test_a_country_is_fetched_and_what_is_not_published_is_said(
    web: LocalWeb, loader: Downloader, tmp_path: Path
) -> None:
    found = got(web, tmp_path, loader)
    names = ["SY.zip", "admin1CodesASCII.txt", "admin2Codes.txt", "alternatenames/SY.zip"]
    assert list(found) == [*names, "SY ADM0", "SY ADM1", "SY ADM2"]
    errors = {name: code_of(one.error) for name, one in found.items() if one.error is not None}
    assert errors == {"SY ADM2": "not_published"}
    assert found["SY ADM2"].path is None
    dump = found["SY.zip"]
    assert dump.path is not None
    assert dump.path.read_text(encoding="utf-8") == PLACES
    assert (dump.kind, dump.outcome, dump.licence) == (FileKind.DUMP, Outcome.DOWNLOADED, "CC BY 4.0 (GeoNames)")
    assert len(dump.sha256) == 64
    other = found["alternatenames/SY.zip"].path
    assert other is not None
    assert other.read_text(encoding="utf-8") == NAMES
    areas = found["SY ADM1"]
    assert (areas.licence, areas.attribution) == (LICENCE, "OCHA ROMENA, geoBoundaries")
    assert (areas.level, areas.country) == (PlaceKind.ADM1, "SY")


def test_a_second_fetch_downloads_only_what_changed(web: LocalWeb, loader: Downloader, tmp_path: Path) -> None:
    got(web, tmp_path, loader)
    web.put("/dump/admin1CodesASCII.txt", Reply(ADMIN1.encode() * 2, headers={"ETag": '"c"'}))
    again = got(web, tmp_path, loader)
    outcomes = {name: one.outcome for name, one in again.items() if one.error is None}
    assert outcomes.pop("admin1CodesASCII.txt") is Outcome.DOWNLOADED
    assert set(outcomes.values()) == {Outcome.UNCHANGED}
    last = [one for one in web.asked if one.path == "/dump/SY.zip"][-1]
    assert last.headers["if-none-match"] == '"a"'


def test_an_unpacked_file_that_was_lost_is_unpacked_again(web: LocalWeb, loader: Downloader, tmp_path: Path) -> None:
    path = got(web, tmp_path, loader)["SY.zip"].path
    assert path is not None
    path.unlink()
    assert got(web, tmp_path, loader)["SY.zip"].outcome is Outcome.UNCHANGED
    assert path.read_text(encoding="utf-8") == PLACES


# What is served instead, and the stable code of the error; all other files come.
@pytest.mark.parametrize(
    ("path", "reply", "name", "code"),
    [
        pytest.param("/dump/SY.zip", Reply(b"", 404), "SY.zip", "not_published", id="no dump"),
        pytest.param("/dump/SY.zip", Reply(b"<!doctype html>"), "SY.zip", "bad_zip", id="a page as zip"),
        pytest.param("/dump/SY.zip", Reply(zipped(IQ__txt=b"x")), "SY.zip", "no_such_member", id="wrong country"),
        pytest.param("/dump/SY.zip", Reply(b"PK", announced=900), "SY.zip", "truncated", id="cut short"),
        pytest.param("/dump/admin2Codes.txt", Reply(b"Not a table"), "admin2Codes.txt", "not_the_file", id="no table"),
        pytest.param("/gbOpen/SYR/ADM1/", Reply(b"{}"), "SY ADM1", "not_an_offer", id="an empty answer"),
        pytest.param("/gbOpen/SYR/ADM1/", Reply(b"[1]"), "SY ADM1", "not_an_offer", id="a list"),
        pytest.param("/gbOpen/SYR/ADM1/", Reply(b"oops"), "SY ADM1", "not_json", id="no JSON"),
        pytest.param(
            "/gb/SYR-ADM1.geojson", Reply(b"version https://git-lfs.github.com/spec/v1\noid sha256:1"), "SY ADM1",
            "not_the_file", id="a pointer",
        ),
        pytest.param("/gb/SYR-ADM1.geojson", Reply(b"oops"), "SY ADM1", "not_the_file", id="no GeoJSON"),
    ],
)  # fmt: skip
def test_one_bad_file_is_said_and_the_others_come(
    web: LocalWeb, loader: Downloader, tmp_path: Path, path: str, reply: Reply, name: str, code: str
) -> None:
    web.put(path, reply)
    found = got(web, tmp_path, loader)
    assert {one.name: code_of(one.error) for one in found.values() if one.error is not None} == {
        name: code,
        "SY ADM2": "not_published",
    }


def test_a_server_that_fails_once_is_asked_again(web: LocalWeb, loader: Downloader, tmp_path: Path) -> None:
    web.put("/dump/SY.zip", Reply(b"", 500), zipped(SY__txt=PLACES.encode()))
    assert got(web, tmp_path, loader)["SY.zip"].outcome is Outcome.DOWNLOADED
    assert web.paths().count("/dump/SY.zip") == 2


def test_simplified_polygons_come_when_asked_for_and_where_the_full_ones_are_too_large(
    web: LocalWeb, loader: Downloader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = got(web, tmp_path, loader)["SY ADM1"]
    small = got(web, tmp_path, loader, simplified=True)["SY ADM1"]
    assert full.url.endswith("SYR-ADM1.geojson")
    assert small.url.endswith("SYR-ADM1_simplified.geojson")
    assert small.size < full.size
    monkeypatch.setattr(fetching, "MAX_AREAS_BYTES", small.size)
    assert got(web, tmp_path / "other", loader)["SY ADM1"].url == small.url


def test_a_licence_that_is_not_stated_is_not_made_up(web: LocalWeb, loader: Downloader, tmp_path: Path) -> None:
    for absent in ("", "nan", None):
        web.put("/gbOpen/SYR/ADM1/", offer(web, "ADM1", boundaryLicense=absent, boundarySource=absent))
        found = got(web, tmp_path, loader)["SY ADM1"]
        assert (found.licence, found.attribution) == ("not stated (geoBoundaries)", "geoBoundaries")


def test_the_two_makers_of_the_older_answers_are_named_and_a_broken_address_is_mended(
    web: LocalWeb, loader: Downloader, tmp_path: Path
) -> None:
    answer = json.loads(offer(web, "ADM1"))
    del answer["boundarySource"]
    answer |= {"boundarySource-1": "HDX", "boundarySource-2": "UNCS"}
    answer["gjDownloadURL"] = answer["gjDownloadURL"].replace("/gb/", "\n/gb/")
    web.put("/gbOpen/SYR/ADM1/", json.dumps(answer).encode())
    found = got(web, tmp_path, loader)["SY ADM1"]
    assert (found.attribution, found.error) == ("HDX, UNCS, geoBoundaries", None)


@pytest.mark.parametrize("countries", [["XX"], ["Syria"], [], ["../SY"], ["SY", ""]])
def test_what_is_no_country_code_is_refused_before_anything_is_asked(
    web: LocalWeb, tmp_path: Path, countries: list[str]
) -> None:
    with pytest.raises(InputError) as error:
        fetch(countries, folder=tmp_path, base_urls=urls(web))
    assert error.value.code == "bad_country"
    assert web.asked == []


def test_a_level_without_polygons_is_refused(web: LocalWeb, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        fetch(["SY"], folder=tmp_path, base_urls=urls(web), levels=[PlaceKind.LANDMARK])
    assert error.value.code == "bad_level"


def test_without_a_network_one_error_says_what_to_do(loader: Downloader, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ResourceError) as error:
        fetch(["SY"], folder=tmp_path, base_urls=BaseUrls(address, address), downloader=loader)
    assert error.value.code == "offline"
    assert "incidents gazetteer import" in str(error.value)


def test_two_processes_do_not_fetch_into_one_folder(web: LocalWeb, tmp_path: Path) -> None:
    with FileLock(tmp_path / ".fetch.lock"), pytest.raises(ResourceError) as error:
        fetch(["SY"], folder=tmp_path, base_urls=urls(web))
    assert error.value.code == "fetching"


def imported(database: Database, web: LocalWeb, folder: Path, loader: Downloader) -> dict[str, Imported]:
    found = fetch_and_import(
        database, ["SY"], folder=folder, who="tester", base_urls=urls(web), downloader=loader,
        progress=lambda what, count: steps.append((what, count)),
    )  # fmt: skip
    return {one.fetched.name: one for one in found}


steps: list[tuple[str, int]] = []


def places(session: Session) -> dict[tuple[str, str], Place]:
    return {(place.source, place.name): place for place in session.exec(select(Place)).all()}


def test_what_came_is_read_into_the_gazetteer_with_its_licence(
    web: LocalWeb, database: Database, loader: Downloader, tmp_path: Path
) -> None:
    steps.clear()
    found = imported(database, web, tmp_path, loader)
    runs = {name: one.run for name, one in found.items()}
    dump, areas = runs["SY.zip"], runs["SY ADM1"]
    assert dump is not None
    assert areas is not None
    assert (dump.rows_added, areas.rows_added) == (2, 2)
    assert runs["SY ADM2"] is None
    assert code_of(found["SY ADM2"].error) == "not_published"
    assert ("reading SY.zip", 2) in steps
    with read_session(database) as session:
        stored = places(session)
        assert stored["geonames", "Aleppo"].admin1_name == "Aleppo"
        assert stored["areas", "Aleppo"].licence == f"{LICENCE} (OCHA ROMENA, geoBoundaries)"
        assert {one.country for (source, _), one in stored.items() if source == "areas"} == {"SY"}
        names = {name.name: name.language for name in session.exec(select(PlaceName)).all()}
        assert names["Alep"] == "fr"
        assert all(run.finished_at is not None for run in session.exec(select(ImportRun)).all())


def test_fetching_again_adds_nothing(web: LocalWeb, database: Database, loader: Downloader, tmp_path: Path) -> None:
    imported(database, web, tmp_path, loader)
    again = imported(database, web, tmp_path, loader)
    assert [one.run.rows_added for one in again.values() if one.run is not None] == [0] * 6


def test_a_unit_without_a_place_of_its_own_gets_its_point_from_its_polygon_at_once(
    web: LocalWeb, database: Database, loader: Downloader, tmp_path: Path
) -> None:
    only_aleppo = PLACES.splitlines(keepends=True)[0]
    web.put("/dump/SY.zip", zipped(SY__txt=only_aleppo.encode()))
    found = fetch_and_import(
        database, ["SY"], folder=tmp_path, who="tester", base_urls=urls(web), downloader=loader
    )  # fmt: skip
    tables = [one.run.rows_added for one in found if one.fetched.name == "admin1CodesASCII.txt" and one.run is not None]
    assert tables == [1, 1]
    with read_session(database) as session:
        assert ("geonames", "Raqqa") in places(session)


def test_a_polygon_that_crosses_itself_is_taken_mended_and_flagged(
    web: LocalWeb, database: Database, loader: Downloader, tmp_path: Path
) -> None:
    bow = square("Raqqa", 38, 35, 1.5)
    bow["geometry"] = {"type": "Polygon", "coordinates": [[[38, 35], [39, 36], [39, 35], [38, 36.2], [38, 35]]]}
    web.put("/gb/SYR-ADM1.geojson", collection(square("Aleppo", 36.5, 35.5, 1.4), bow))
    run = imported(database, web, tmp_path, loader)["SY ADM1"].run
    assert run is not None
    assert (run.rows_added, run.rows_flagged, run.rows_rejected) == (2, 1, 0)


def test_a_file_that_cannot_be_read_stops_no_other(
    web: LocalWeb, database: Database, loader: Downloader, tmp_path: Path
) -> None:
    web.put("/gb/SYR-ADM0.geojson", b'{"type": "Topology"}')
    found = imported(database, web, tmp_path, loader)
    assert code_of(found["SY ADM0"].error) == "not_a_feature_collection"
    run = found["SY ADM1"].run
    assert run is not None
    assert run.rows_added == 2
