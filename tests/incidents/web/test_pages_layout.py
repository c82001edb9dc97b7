"""How the pages are laid out: for screen readers, from right to left, and on a narrow screen."""

from __future__ import annotations

from typing import Any

import pytest

from incidents.web.app import STATIC
from tests.conftest import missing
from tests.incidents.web.conftest import Site, open_map, picture

pytestmark = [pytest.mark.sqlite, pytest.mark.long, pytest.mark.xdist_group("site")]
AXE = STATIC.parent / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    "/", "/?place=%D8%A7%D9%84%D8%B1%D9%82%D8%A9", "/?killed_min=many", "/incidents/raqqa-school",
    "/incidents/raqqa-school?as_of=2017-08-01&rule=official", "/record/raqqa-school/step", "/record/raqqa-school/claim",
    "/record/raqqa-school/place", "/record/al-jinah/same", "/board", "/queue", "/incidents/nothing-of-this-name",
)  # fmt: skip


@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_has_no_serious_finding(browser: Any, site: Site, cookies: Any, language: str) -> None:
    if not AXE.is_file():
        missing("axe-core is not installed: python scripts/build_web.py")
    # The policy of the pages would keep axe out as it does any other foreign script.
    context = browser.new_context(base_url=site.address, storage_state=cookies, bypass_csp=True)
    page = context.new_page()
    found = {}
    for path in PAGES:
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
        page.add_script_tag(path=AXE)
        report = page.evaluate("axe.run()")
        serious = [one for one in report["violations"] if one["impact"] in {"serious", "critical"}]
        found[path] = [f"{one['id']}: {one['nodes'][0]['html']}" for one in serious]
        assert len(report["passes"]) > 10
    context.close()
    assert found == {path: [] for path in PAGES}


def test_arabic_runs_from_right_to_left(page: Any) -> None:
    open_map(page, "/?lang=ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    listed, drawn = page.locator("#results").bounding_box(), page.locator("#map").bounding_box()
    assert listed["x"] < drawn["x"], "the list stands on the left"
    picture(page, "map-arabic")
    page.goto("/incidents/raqqa-school")
    assert page.locator("html").get_attribute("lang") == "ar", "the choice is kept"
    assert "التحقيقات" in page.locator("#investigations").inner_text()
    picture(page, "incident-arabic", whole=True)
    page.get_by_role("link", name="English").click()
    page.wait_for_selector("html[lang=en]")


def test_nothing_is_cut_off_at_360_pixels(browser: Any, site: Site, cookies: Any) -> None:
    context = browser.new_context(base_url=site.address, storage_state=cookies, viewport={"width": 360, "height": 740})
    page = context.new_page()
    for number, path in enumerate(PAGES):
        page.goto(path)
        if page.locator("#map").count() == 1:
            page.wait_for_selector("#map[data-ready]")
        wide = page.evaluate("document.documentElement.scrollWidth")
        picture(page, f"narrow-{number}", whole=True)
        assert wide <= 360, path
    context.close()
