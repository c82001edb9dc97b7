"""``incidents token``: made, listed and revoked; the text is printed once."""

from __future__ import annotations

from collections.abc import Callable

from typer.testing import Result

from db.engine import Database
from db.session import read_session
from incidents.tokens import holder_of

Run = Callable[..., Result]


def test_a_token_is_printed_once_and_refused_when_revoked(there: Run, world: Database) -> None:
    text = there("token", "create", "A. Reader", "--why", "reads the public tier").stdout.strip()
    listed = there("token", "list").stdout
    assert "A. Reader" in listed
    assert "accepted" in listed
    assert text not in listed
    with read_session(world) as session:
        assert holder_of(session, text) is not None
    assert there("token", "revoke", "A. Reader", "--why", "left").stdout == "A. Reader: revoked\n"
    assert "revoked" in there("token", "list").stdout
    with read_session(world) as session:
        assert holder_of(session, text) is None


def test_an_editor_of_a_lesser_tier_is_refused(there: Run) -> None:
    refused = there("token", "create", "E", "--role", "editor", "--tier", "restricted", "--why", "x", exits=2)
    assert "[recorder_sees_all]" in refused.stderr
    assert "[unknown_token]" in there("token", "revoke", "E", "--why", "x", exits=2).stderr
