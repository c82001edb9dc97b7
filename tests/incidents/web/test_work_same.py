"""The page that proposes records of the same event, and what is recorded while it is read."""

from __future__ import annotations

from db.session import write_session
from tests.incidents.factories import claim, incident, point
from tests.incidents.web.conftest import Client


def test_a_record_made_meanwhile_is_proposed(client: Client) -> None:
    editor = client("editor")
    assert "/incidents/market-again" not in editor.get("/record/market/same").text
    with write_session(editor.app.state.database, who="tester", why="the same strike, told again") as session:  # type: ignore[attr-defined]  # FastAPI's
        again = incident(session, "market-again", name="Market", start="2017-03-20", country="SY", kind="airstrike")
        point(session, again, 38.25, 36.125)
        claim(session, "market-again", "42")
    answer = editor.get("/record/market/same")
    assert answer.status_code == 200
    assert "/incidents/market-again" in answer.text
