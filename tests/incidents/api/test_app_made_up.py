"""A real server against the requests that schemathesis makes up from the server's document, by all of its checks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from db.engine import Database
from tests.editions import Edition
from tests.incidents.api.conftest import listener

EXAMPLES = int(os.environ.get("ATLAS_SCHEMATHESIS", "1"))
"""Made-up requests for each operation; with more than one all phases run: with 20, more than 5,000 requests."""
CONFIG = Path(__file__).with_name("schemathesis.toml")
UNGUARDED = "import incidents.api.access; incidents.api.access.FAILURES = 10**9"
"""Requests with wrong tokens are among those made up, and are not to close the server for the others."""


@pytest.mark.long
@pytest.mark.sqlite
def test_no_request_that_is_made_up_is_a_fault(own: Database, edition: Edition, tmp_path: Path) -> None:
    """Each is answered as the document says, none by a fault, and none without a token."""
    phases = "examples,fuzzing" if EXAMPLES == 1 else "examples,coverage,fuzzing,stateful"
    with listener(edition.url(own), tmp_path, first=UNGUARDED) as server:
        token = server.token.read_text().strip()
        command = [
            *(
                sys.executable,
                "-m",
                "schemathesis.cli",
                "--config-file",
                str(CONFIG),
                "run",
                f"{server.address}/openapi",
            ),
            *("--header", f"Authorization: Bearer {token}", "--phases", phases, "--max-examples", str(EXAMPLES)),
            *("--generation-deterministic", "--suppress-health-check", "all", "--continue-on-failure", "--no-color"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    found = re.search(r"Test cases:\n  ([0-9,]+) generated", done.stdout)
    assert found is not None, done.stdout
    print(done.stdout[found.start() :])  # noqa: T201 - what one asks for who runs many: pytest -s
    assert int(found[1].replace(",", "")) >= EXAMPLES * 29, "each operation is asked"
