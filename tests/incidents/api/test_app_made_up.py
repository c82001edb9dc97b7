"""The whole application against requests that a program makes up from its own document (schemathesis)."""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from starlette.testclient import TestClient

from db.engine import Database
from tests.incidents.api.conftest import LOCAL, bearer, serve

EXAMPLES = int(os.environ.get("ATLAS_SCHEMATHESIS", "1"))
"""Made-up requests for each operation and way to make them up; ATLAS_SCHEMATHESIS=100 makes some thousands."""


@pytest.mark.long
@pytest.mark.sqlite
def test_no_request_that_is_made_up_is_a_fault(own: Database) -> None:
    """Each is answered, and each refusal is a problem with a code."""
    app = serve(own, limit_s=30.0)
    with TestClient(app, headers=bearer(LOCAL), follow_redirects=False, raise_server_exceptions=False) as client:
        document = client.get("/api/openapi").json()
        schema = schemathesis.openapi.from_dict(document)
        tried = [0]
        for found in schema.get_all_operations():
            operation = found.ok()
            modes = schemathesis.GenerationMode
            strategies = [operation.as_strategy(generation_mode=mode) for mode in (modes.POSITIVE, modes.NEGATIVE)]
            for strategy in strategies:
                _try(client, strategy, tried)
    assert tried[0] >= EXAMPLES * 25


def _try(client: TestClient, strategy: Any, tried: list[int]) -> None:
    @given(case=strategy)
    @settings(max_examples=EXAMPLES, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: Any) -> None:
        tried[0] += 1
        request = case.as_transport_kwargs(base_url="http://testserver")
        for name in ("cookies", "auth"):
            request.pop(name, None)
        if isinstance(request.get("data"), str | bytes):
            request["content"] = request.pop("data")
        headers = {name: value for name, value in dict(request.pop("headers", {})).items() if name.lower() != "host"}
        answer = client.request(**request, headers=headers | bearer(LOCAL))
        assert answer.status_code < 500, (case, answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == "application/problem+json", (case, answer.text)
            assert answer.json()["code"] != ""

    ask()
