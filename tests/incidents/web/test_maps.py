"""What the map and the list beside it say of the same answer."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.incidents.web.conftest import Client

REGION = "west=36&south=34&east=41&north=38"


def view(client: Client, zoom: float, asked: str = "", role: str = "editor") -> dict[str, Any]:
    answer = client(role).get(f"/map/view?{REGION}&zoom={zoom}{asked}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def listed(client: Client, asked: str = "") -> int:
    found = re.search(r"<h2>(?:At this place: )?<bdi>([\d,]+)</bdi>", client("editor").get(f"/?{asked}").text)
    assert found is not None
    return int(found[1].replace(",", ""))


def test_what_is_counted_is_listed(client: Client) -> None:
    far, near = view(client, 3), view(client, 10)
    assert far["incidents"] == near["incidents"] == sum(one[2] for one in far["clusters"])
    assert len(near["clusters"]) > len(far["clusters"])
    for _, _, count, _, _, (west, south, east, north) in [*far["clusters"], *near["clusters"]]:
        corners = f"{west},{south}" if (west, south) == (east, north) else f"{west},{south},{east},{north}"
        assert listed(client, f"stack={corners}") == count


def test_the_window_and_the_filters_are_those_of_the_list(client: Client) -> None:
    for asked in ("from=2017-03-19", "to=2017-03-18", "text=market", "source=monitor"):
        assert view(client, 3, f"&{asked}")["incidents"] <= listed(client, asked)
    assert view(client, 3, "&from=2025-01-01") == {"incidents": 0, "clusters": [], "areas": [], "rivals": []}
    assert listed(client, "from=2025-01-01") == 0


@pytest.mark.parametrize("stack", ["nowhere", "1,2,3", "38.1", ""])
def test_a_stack_that_is_no_place_holds_nothing(client: Client, stack: str) -> None:
    assert listed(client, f"stack={stack}") == (0 if stack else listed(client))


def test_a_view_that_is_none_is_refused(client: Client) -> None:
    for view_asked in ("zoom=3", f"{REGION}&zoom=30", f"{REGION}&zoom=nan", f"{REGION}&zoom=20"):
        assert 400 <= client("editor").get(f"/map/view?{view_asked}").status_code < 500


def test_the_outline_is_that_of_the_area_asked_for(client: Client) -> None:
    outline = client("viewer").get("/map/area?bbox=38,35,39,37").json()
    assert outline["type"] == "Polygon"
    assert client("viewer").get("/map/area").json() is None
