"""What every test may use: a migrated database of its own, and where the shared data is."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings
from sqlmodel import Session

from db.engine import Database
from db.schema import upgrade
from db.session import write_session
from db.sqlite import SqliteDatabase
from tests.editions import Edition, PostgresEdition, SqliteEdition, compiled_once
from tests.postgres import Server, programs, running_server

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"

settings.register_profile(
    "atlas", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
)
settings.load_profile("atlas")

FEW_EXAMPLES = 20
"""Of a property, on the server."""
FEW_CASES = 2
"""Of a test marked ``input``, on the server."""


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Start the long tests first, and run those that share a costly database on one worker, which then builds it once.

    A module says the same of its own fixtures with ``xdist_group``.
    """
    for item in items:
        if "real_file" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("real gazetteer"))
    _leave_out(items, config)
    yield  # pytest puts tests with the same parameter together
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def _leave_out(items: list[pytest.Item], config: pytest.Config) -> None:
    """Leave out, on the server, all cases but the first two of the tests marked ``input``: the file has them all."""
    seen: Counter[str] = Counter()
    left_out = []
    for item in items:
        if item.get_closest_marker("input") is not None and edition_of(item) == "postgresql":
            seen[name := item.nodeid.partition("[")[0]] += 1
            if seen[name] > FEW_CASES:
                left_out.append(item)
    if len(left_out) > 0:
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]
        config.hook.pytest_deselected(items=left_out)


def edition_of(item: pytest.Item) -> str | None:
    """The name of the edition that a test runs on; None where it uses no database."""
    called = getattr(item, "callspec", None)
    return None if called is None else called.params.get("edition")


def pytest_sessionstart() -> None:
    """Collect no garbage while tests are collected: what that makes stays to the end."""
    gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Leave what stays to the end out of the collections of garbage to come, which took a tenth of a test's time."""
    gc.freeze()
    gc.enable()
    if getattr(session.config.option, "loadgroup", False):  # on a worker
        lost = [item for item in session.items if item.get_closest_marker("xdist_group") and "@" not in item.nodeid]
        assert len(lost) == 0, "pytest does not tell pytest-xdist the groups: each worker would build what they share"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Try a property on the server with fewer examples.

    The file has had all of them. What the server adds is its SQL, and of that twenty examples reach as much as a
    hundred, each of which asks a server over a socket.
    """
    test = getattr(item, "function", None)
    if not getattr(test, "is_hypothesis_test", False) or edition_of(item) != "postgresql":
        return (yield)
    chosen = test._hypothesis_internal_use_settings  # as Hypothesis' own plugin does
    fewer = min(chosen.max_examples, max(FEW_EXAMPLES, chosen.max_examples // 4))
    test._hypothesis_internal_use_settings = settings(chosen, max_examples=fewer)
    try:
        return (yield)
    finally:
        test._hypothesis_internal_use_settings = chosen


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tester's own INCIDENTS_ variables must not reach a test."""
    for name in [name for name in os.environ if name.startswith("INCIDENTS_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True, scope="session")
def statements_compiled_once() -> Iterator[None]:
    """See :func:`tests.editions.compiled_once`."""
    with compiled_once():
        yield


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database on the newest schema, made by the migrations."""
    path = tmp_path_factory.mktemp("template") / "incidents.db"
    upgrade(SqliteDatabase(path))
    return path


@pytest.fixture(scope="session")
def edition_named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Edition]]:
    """Gives an edition by its name, the same one each time; the server is started when it is first asked for."""
    kept: dict[str, Edition] = {}
    with ExitStack() as stack:

        def _edition(name: str) -> Edition:
            if name not in kept:
                if name == "sqlite":
                    kept[name] = SqliteEdition(tmp_path_factory.mktemp("sqlite"))
                elif programs() is None:
                    missing("PostgreSQL with PostGIS is not installed")
                else:
                    kept[name] = stack.enter_context(closing(PostgresEdition(stack.enter_context(running_server()))))
            return kept[name]

        yield _edition


@pytest.fixture(scope="session")
def server(edition_named: Callable[[str], Edition]) -> Server:
    """The PostgreSQL server of this worker."""
    found = edition_named("postgresql")
    assert isinstance(found, PostgresEdition)
    return found.server


@pytest.fixture(scope="session")
def edition(request: pytest.FixtureRequest, edition_named: Callable[[str], Edition]) -> Edition:
    """The edition that a test runs on: each test that asks for it, or for a database, runs on both."""
    return edition_named(request.param)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test of a database runs on both editions; one that is about SQLite itself is marked ``sqlite``."""
    if "edition" in metafunc.fixturenames:
        alone = metafunc.definition.get_closest_marker("sqlite") is not None
        metafunc.parametrize(
            "edition", ["sqlite"] if alone else ["sqlite", "postgresql"], indirect=True, scope="session"
        )


@pytest.fixture
def database(edition: Edition) -> Iterator[Database]:
    """A migrated, empty database of this test's own."""
    made = edition.empty()
    yield made
    edition.remove(made)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A write session on :func:`database`, committed when the test ends well."""
    with write_session(database, who="tester", why="a test") as opened:
        yield opened


def missing(what: str) -> NoReturn:
    """End a test that needs a program which is not here: CI has to have it, elsewhere the test is skipped."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}; .ci/run installs it")
    pytest.skip(what)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project."""
    path = SHARED / "data"
    if not path.is_dir():
        pytest.skip("../shared/data is not beside this checkout")
    return path
