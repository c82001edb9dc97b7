"""Large bodies to a real server: refused, and without the memory that they would take (B51, B52)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from db.engine import Database
from tests.conftest import missing
from tests.editions import Edition
from tests.incidents.api.conftest import Listening, listener

pytestmark = pytest.mark.sqlite

SENT = """
import http.client, json, sys

def pieces(size):
    for _ in range(size // 300_000):
        yield b"[]," * 100_000

def ask(size, chunked):
    connection = http.client.HTTPConnection(sys.argv[1], timeout=60)
    headers = {"Content-Type": "application/json", "Authorization": "Bearer " + sys.argv[2]}
    headers |= {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(size)}
    try:
        connection.request("POST", "/api/claims", pieces(size), headers, encode_chunked=chunked)
    except (BrokenPipeError, ConnectionResetError):
        pass  # the server answered and does not take the rest
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())["code"]

print(json.dumps([ask(60_000_000, False), ask(60_000_000, True), ask(1_800_000, False)]))
"""
MIB = 1024
MOST_MIB = 50


def peak_kib(server: Listening) -> int:
    """The most memory that the process has had."""
    status = Path(f"/proc/{server.process}/status")
    if not status.exists():
        missing("This system does not tell the memory of a process in /proc")
    found = re.search(r"VmHWM:\s+([0-9]+) kB", status.read_text())
    assert found is not None
    return int(found[1])


def test_a_body_of_sixty_megabytes_is_refused_and_takes_no_memory(
    own: Database, edition: Edition, tmp_path: Path
) -> None:
    with listener(edition.url(own), tmp_path) as server:
        token = server.token.read_text().strip()
        before = peak_kib(server)
        command = [sys.executable, "-c", SENT, urlsplit(server.address).netloc, token]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        with_length, in_pieces, small = json.loads(done.stdout)
        after = peak_kib(server)
    assert with_length == in_pieces == [413, "too_large"]
    assert small == [400, "not_json"], "what fits is read, and refused for what it is"
    assert after - before < MOST_MIB * MIB
