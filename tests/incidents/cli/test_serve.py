"""``incidents serve``: on this machine by default, elsewhere only with all that an open server needs."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from db.engine import Database
from incidents.cli.serve import token_file

Run = Callable[..., Result]
START = "from incidents.cli.main import main; main()"
ASK = """
import sys, urllib.request
request = urllib.request.Request(sys.argv[1], headers={"Authorization": "Bearer " + sys.argv[2]})
print(urllib.request.urlopen(request, timeout=20).read().decode())
"""


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of this test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.mark.parametrize(
    ("options", "lacking"),
    [
        ((), ["--behind-proxy", "--allowed-host", "token of an admin"]),
        (("--behind-proxy",), ["--allowed-host", "token of an admin"]),
        (("--allowed-host", "atlas.example"), ["--behind-proxy", "token of an admin"]),
        (("--behind-proxy", "--allowed-host", "atlas.example", "--public-read"), ["token of an admin"]),
    ],
)
@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "atlas.example"])  # noqa: S104 - refused, not bound
def test_another_address_is_refused_while_anything_is_lacking(
    there: Run, state: Path, host: str, options: tuple[str, ...], lacking: list[str]
) -> None:
    refused = there("serve", "--host", host, *options, exits=78)
    assert "[unsafe_server]" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert all(word in refused.stderr for word in lacking)
    assert not state.exists()


def test_a_revoked_admin_does_not_count(there: Run, state: Path) -> None:
    there("token", "create", "boss", "--role", "admin", "--why", "x")
    there("token", "revoke", "boss", "--why", "x")
    options = ("--host", "192.0.2.1", "--behind-proxy", "--allowed-host", "atlas.example")
    assert "token of an admin" in there("serve", *options, exits=78).stderr


def test_a_token_file_that_others_can_read_is_refused(there: Run, state: Path) -> None:
    path = state / "incident-atlas" / "token"
    path.parent.mkdir(parents=True)
    path.write_text("iat_" + "x" * 43)
    path.chmod(0o644)
    assert "[unsafe_token]" in there("serve", exits=2).stderr


@pytest.fixture
def started(world: Database, state: Path) -> Iterator[str]:
    """A server in a process of its own; gives its address."""
    command = [sys.executable, "-c", START, "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[0]
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


@pytest.mark.sqlite
def test_it_answers_the_holder_of_the_token_that_only_the_user_can_read(started: str) -> None:
    path = token_file()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ask = [sys.executable, "-c", ASK, f"{started}/collections/incidents/items?tier=internal"]
    answer = subprocess.run([*ask, path.read_text().strip()], capture_output=True, text=True, check=True)
    assert '"numberMatched":4' in answer.stdout
    refused = subprocess.run([*ask, "iat_wrong"], capture_output=True, text=True, check=False)
    assert "401" in refused.stderr
