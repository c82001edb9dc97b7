"""Stories of the map page in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.conftest import ROOT
from tests.incidents.web.conftest import HOSTILE, Site, open_map, picture

expect.set_options(timeout=30_000)

pytestmark = [pytest.mark.sqlite, pytest.mark.long, pytest.mark.xdist_group("site")]
RAQQA = (38.3, 35.5, 39.5, 36.3)


def names(page: Any) -> list[str]:
    return [text.strip() for text in page.locator("#results h3").all_inner_texts()]


def test_the_map_and_the_list_are_there_without_anything_from_elsewhere(page: Any) -> None:
    open_map(page)
    assert page.locator("#results h2").inner_text() == "5 incidents"
    assert page.locator("#map").get_attribute("data-shown") == "4", "one of the five has no place"
    picture(page, "map")


def test_the_picture_in_the_readme_is_of_this_page(page: Any) -> None:
    """docs/page.png is this picture, with fewer colours."""
    page.set_viewport_size({"width": 1100, "height": 700})
    open_map(page, "/?source=airwars#6/35.9/40")
    page.get_by_text("Filters", exact=True).click()
    expect(page.locator("#map")).to_have_attribute("data-shown", "3")
    assert (ROOT / "docs" / "page.png").stat().st_size < 150_000
    page.wait_for_timeout(500)
    picture(page, "readme")


def test_the_school_is_found_by_its_arabic_name(page: Any) -> None:
    open_map(page)
    page.get_by_label("Name or words").fill("مدرسة البادية")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("#results h3")).to_have_count(1)
    assert "Raqqa school" in names(page)[0]
    assert "text=" in page.url
    page.go_back()
    expect(page.locator("#results h3")).to_have_count(5)


def test_a_place_with_namesakes_is_chosen_from_its_candidates(page: Any) -> None:
    open_map(page)
    page.get_by_label("Place", exact=True).fill("الرقة")
    page.get_by_role("button", name="Search").click()
    page.wait_for_selector("#results .candidates")
    assert page.locator("#results h2").inner_text() == "Which place is meant?"
    picture(page, "candidates")
    page.locator(".candidates a").nth(1).click()
    page.wait_for_selector("#results h2 small")
    assert "at=" in page.url


def test_a_polygon_is_drawn_round_raqqa(page: Any) -> None:
    open_map(page, "/#8/35.9/38.9")
    frame = page.locator("#map").bounding_box()
    page.get_by_role("button", name="Draw a polygon").click()
    middle = (frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    for across, down in ((-180, -120), (180, -120), (180, 120), (-180, 120)):
        page.mouse.click(middle[0] + across, middle[1] + down)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"[?&]polygon="))
    page.wait_for_selector("#results h2 small")
    assert any("Raqqa school" in name for name in names(page))
    assert not any("Mosul" in name for name in names(page))
    expect(page.locator("#map")).to_have_attribute("data-shown", "2")
    page.wait_for_timeout(300)
    picture(page, "polygon")
    page.get_by_role("button", name="Clear the area").click()
    expect(page.locator("#results h3")).to_have_count(5)
    assert "polygon" not in page.url


def test_a_stack_is_opened_in_the_list(page: Any) -> None:
    open_map(page, "/#14/36.107721/36.78708")
    frame = page.locator("#map").bounding_box()
    page.mouse.click(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2)
    expect(page).to_have_url(re.compile(r"[?&]stack="))
    page.wait_for_selector("text=At this place")
    assert len(names(page)) == 1
    assert "one event with" in page.locator("#results").inner_text()


def test_the_slider_hides_what_lies_outside_the_days(page: Any) -> None:
    open_map(page)
    last = page.get_by_label("Last day")
    last.focus()
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"[?&]to=2017-03-18"))
    expect(page.locator("#map")).to_have_attribute("data-shown", "3")
    assert last.get_attribute("aria-valuetext") == "2017-03-18"
    expect(last).to_be_focused()


def test_a_month_of_the_slider_is_a_key_away(page: Any) -> None:
    open_map(page)
    first = page.get_by_label("First day")
    first.focus()
    page.keyboard.press("PageUp")
    page.keyboard.press("PageDown")
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(r"[?&]from=2017-03-13"))
    expect(page.locator("#map")).to_have_attribute("data-shown", "4")


def test_a_hostile_name_is_inert(page: Any) -> None:
    open_map(page, "/?text=gnp")
    assert names(page) == [HOSTILE.replace("\u202e", "\\u202e")]
    assert page.locator("#results img").count() == 0
    assert page.title() != "taken"


def test_what_is_wrong_is_said_beside_its_field(page: Any) -> None:
    open_map(page)
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Killed, at least").fill("many")
    page.get_by_role("button", name="Search").click()
    page.wait_for_selector("#problem-killed_min")
    field = page.get_by_label("Killed, at least")
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("aria-describedby") == "problem-killed_min"


def test_the_list_works_without_scripts(browser: Any, site: Site, cookies: Any) -> None:
    context = browser.new_context(base_url=site.address, java_script_enabled=False, storage_state=cookies)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Name or words").fill("school")
    page.get_by_role("button", name="Search").click()
    assert any("Raqqa school" in name for name in names(page))
    page.get_by_role("link", name="The Raqqa school").click()
    assert page.title().startswith("The Raqqa school")
    context.close()
