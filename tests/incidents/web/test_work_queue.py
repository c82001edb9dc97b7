"""Judging pairs of records in a real browser: the queue, undoing, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from db.session import read_session
from db.vocabulary import Verdict
from incidents.records import find_incident
from incidents.same_event import current_judgements
from tests.incidents.web.conftest import Site, picture

expect.set_options(timeout=30_000)
pytestmark = [pytest.mark.sqlite, pytest.mark.long, pytest.mark.xdist_group("site")]


def judge_shown(page: Any, verdict: str, why: str) -> None:
    """Fill in and send the form of the pair that the page opens with."""
    form = page.locator("#pair form")
    form.get_by_label("Verdict").select_option(verdict)
    form.get_by_label("Evidence").fill(why)
    form.get_by_role("button", name="Record").click()


def test_a_pair_is_undone_and_judged_again_from_the_queue(page: Any, site: Site) -> None:
    with read_session(site.database) as session:
        pair = tuple(sorted(find_incident(session, code).key for code in ("al-jinah", "aleppo-mosque")))
    page.goto("/record/al-jinah/same?second=aleppo-mosque")
    expect(page.locator("#pair")).to_contain_text("judged: same")
    judge_shown(page, "undecided", "to be looked at again")
    expect(page.locator("h1")).to_have_text("Al Jinah")
    page.get_by_role("link", name="To judge").click()
    row = page.locator("ol.incidents > li", has=page.locator("[aria-label*='al-jinah, aleppo-mosque']"))
    expect(row.locator("table.sides thead")).to_contain_text("Al Jinah")
    expect(row.locator("table.sides thead")).to_contain_text("The Aleppo mosque")
    expect(row.locator("table.sides tbody")).to_contain_text("47+")  # of the one beside 1 to 62 of the other
    expect(row.locator("table.sides tbody")).to_contain_text("1–62")
    picture(page, "queue", whole=True)
    row.get_by_role("link", name="Judge this pair").click()
    judge_shown(page, "same", "one strike under two names")
    expect(page.locator("h1")).to_have_text("To judge")
    expect(page.locator("[aria-label*='al-jinah, aleppo-mosque']")).to_have_count(0)
    with read_session(site.database) as session:
        assert current_judgements(session)[pair[0], pair[1]] is Verdict.SAME


def test_a_judgement_that_contradicts_is_refused_with_the_chain(page: Any, site: Site) -> None:
    page.goto("/record/raqqa-school/same?second=aleppo-mosque")
    judge_shown(page, "different", "another place, another night")
    page.goto("/record/raqqa-school/same?second=al-jinah")
    # Al Jinah is no candidate of the school: the form for another record stands for it.
    form = page.locator("form", has=page.locator("[name=second][value=al-jinah]"))
    form.get_by_label("Verdict").select_option("same")
    form.get_by_label("Evidence").fill("a test")
    form.get_by_role("button", name="Record").click()
    problem = page.locator("#problem-verdict")  # once, beside its own form
    expect(problem).to_have_count(1)
    expect(problem).to_contain_text("aleppo-mosque – al-jinah – raqqa-school")
    expect(problem).to_contain_text("Undo one of them first")
    # Side by side stand the records' own figures, also where one is judged to be of an event with more.
    expect(page.locator("table.sides tbody tr", has_text="killed civilian")).to_contain_text("47+")
    assert page.locator("textarea").evaluate_all("all => all.filter(one => one.value === 'a test').length") == 1
    picture(page, "same-refused", whole=True)
    page.goto("/record/raqqa-school/same?second=aleppo-mosque")
    judge_shown(page, "undecided", "as it was")
    expect(page.locator("h1")).to_contain_text("Raqqa school")
