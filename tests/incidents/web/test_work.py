"""Stories of the work pages in a real browser."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from db.session import read_session
from db.vocabulary import Verdict
from incidents.dossiers import dossier
from incidents.records import find_incident
from incidents.same_event import current_judgements
from incidents.tiers import Tier
from incidents.views import Dossier
from tests.incidents.web.conftest import HOSTILE, Site, picture

expect.set_options(timeout=30_000)
pytestmark = [pytest.mark.sqlite, pytest.mark.long, pytest.mark.xdist_group("site")]


def recorded(site: Site, code: str) -> Dossier:
    with read_session(site.database) as session:
        found = dossier(session, find_incident(session, code).key, tier=Tier.INTERNAL)
    assert found is not None
    return found


def write_step(page: Any, state: str, day: str, why: str) -> None:
    page.locator("[name=authority]").fill("CJTF-OIR")
    page.locator("[name=state]").select_option(state)
    page.locator("[name=taken]").fill(day)
    page.locator("[name=why]").fill(why)


def test_a_status_is_updated_and_seen_in_the_timeline_and_in_the_geojson(page: Any, site: Site) -> None:
    page.goto("/incidents/raqqa-school")
    page.get_by_role("link", name="Record an investigation step").click()
    write_step(page, "open", "2019-05-02", "taken up again after a new report")
    page.get_by_role("button", name="Record").click()
    expect(page.locator("ol.steps li").last).to_contain_text("taken up again after a new report")
    expect(page.locator(".lanes .state")).to_have_text("open")
    assert page.locator("circle.step").count() == 5
    picture(page, "incident", whole=True)
    answer = page.request.get("/incidents/raqqa-school/export.geojson").json()
    (status,) = answer["features"][0]["properties"]["status"]
    assert (status["state"], status["since"]) == ("open", "2019-05-02")


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(page: Any, site: Site) -> None:
    page.goto("/record/mosul-2017-03-17/step")
    write_step(page, "not_assessed", "2019-05-02", "a move that is not legal")
    page.get_by_role("button", name="Record").click()
    expect(page.locator("#problem-state")).to_contain_text("It stands at credible")
    assert page.locator("[name=state]").get_attribute("aria-invalid") == "true"
    assert page.locator("[name=why]").input_value() == "a move that is not legal"
    picture(page, "form")
    page.locator("[name=authority]").fill("Nobody of this name")
    page.get_by_role("button", name="Record").click()
    expect(page.locator("#problem-authority")).to_be_visible()
    assert all(
        "legal" not in step.why for thread in recorded(site, "mosul-2017-03-17").threads for step in thread.steps
    )


def test_two_editors_in_conflict_see_both_versions(page: Any, browser: Any, site: Site, cookies: Any) -> None:
    page.goto("/record/al-jinah/step")
    other = browser.new_context(base_url=site.address, storage_state=cookies).new_page()
    other.goto("/record/al-jinah/step")
    write_step(other, "inconclusive", "2019-06-01", "what the first of them wrote")
    other.locator("[name=process]").select_option("command_investigation")
    other.locator("[name=state]").select_option("open")
    other.get_by_role("button", name="Record").click()
    expect(other.locator("h1")).to_have_text("Al Jinah")
    other.context.close()
    write_step(page, "reported", "2019-06-02", "what the second of them wrote")
    page.locator("[name=process]").select_option("court")
    page.get_by_role("button", name="Record").click()
    expect(page.locator(".conflict .theirs")).to_contain_text("what the first of them wrote")
    assert "what the second of them wrote" in page.locator(".conflict .mine").all_inner_texts()
    picture(page, "conflict", whole=True)
    before = sum(len(thread.steps) for thread in recorded(site, "al-jinah").threads)
    page.get_by_role("button", name="Record it as well").click()
    expect(page.locator("h1")).to_have_text("Al Jinah")
    assert sum(len(thread.steps) for thread in recorded(site, "al-jinah").threads) == before + 1


def test_a_claim_is_added_with_a_report_that_is_new(page: Any, site: Site) -> None:
    page.goto("/record/hostile/claim")
    page.locator("[name=source]").fill("Airwars")
    page.locator("[name=words]").fill("at least 7")
    page.locator("[name=report]").fill("airwars-new")
    page.get_by_text("The report is not recorded yet").click()
    page.locator("[name=report_title]").fill("A new page")
    page.locator("[name=report_url]").fill("javascript:alert(1)")
    page.locator("[name=why]").fill("found today")
    page.get_by_role("button", name="Record").click()
    expect(page.locator("#problem-report_url")).to_be_visible()
    page.locator("[name=report_url]").fill("https://airwars.example/new")
    page.get_by_role("button", name="Record").click()
    expect(page.locator("table.claims")).to_contain_text("at least 7")
    assert [claim.minimum for claim in recorded(site, "hostile").claims] == [4, 7]


def test_a_place_is_corrected_with_the_gazetteer_and_the_map(page: Any, site: Site) -> None:
    page.goto("/record/aleppo-mosque/place")
    page.locator("[name=source]").fill("Airwars")
    page.locator("[name=report]").fill(recorded(site, "aleppo-mosque").reports[0].code)
    page.locator("[name=place]").fill("Raqqa")
    page.locator("[name=why]").fill("where it was")
    page.get_by_role("button", name="Record").click()
    expect(page.locator("#problem-place")).to_be_visible()
    picture(page, "place-candidates")
    page.locator(".candidates button").nth(1).click()
    expect(page.locator("ol.places")).to_contain_text("Airwars")
    page.goto("/record/aleppo-mosque/place")
    page.wait_for_selector("#place-map[data-picks]")
    page.locator("#place-map .maplibregl-canvas").click(position={"x": 100, "y": 100})
    assert float(page.locator("[name=lon]").input_value()) != 0


def test_two_records_are_judged(page: Any, site: Site) -> None:
    page.goto("/record/hostile/same")
    page.get_by_label("Code or name of the other record").fill("mosul-2017-03-17")
    form = page.locator("form").last
    form.get_by_label("Verdict").select_option("different")
    form.get_by_label("Evidence").fill("another city")
    form.get_by_role("button", name="Record").click()
    expect(page.locator("h1")).to_be_visible()
    with read_session(site.database) as session:
        pair = sorted(find_incident(session, code).key for code in ("hostile", "mosul-2017-03-17"))
        assert current_judgements(session)[pair[0], pair[1]] is Verdict.DIFFERENT


def test_hostile_texts_are_inert_on_every_page(page: Any, site: Site) -> None:
    shown = HOSTILE.replace("\u202e", "\\u202e")
    for path in (
        "/incidents/hostile",
        *(f"/record/hostile/{task}" for task in ("step", "claim", "place", "same")),
        "/board",
    ):
        page.goto(path)
        assert shown in page.content().replace("&lt;", "<").replace("&gt;", ">").replace("&#34;", '"').replace(
            "&quot;", '"'
        )
        assert page.locator("main img").count() == 0
        assert page.title() != "taken"
