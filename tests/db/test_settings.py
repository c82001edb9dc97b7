"""Settings: one object from the environment, and URLs that name one SQLite file."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from db.engine import open_database
from db.errors import InputError
from db.postgres import PostgresDatabase
from db.settings import Settings, database_path, database_url, login_name, settings


@pytest.fixture(autouse=True)
def read_again() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_the_default_is_one_file_in_the_working_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    found = open_database()
    assert found.path == tmp_path / "incidents.db"
    assert found.busy_timeout_s == 30.0
    assert list(tmp_path.iterdir()) == []


def test_the_environment_is_read_with_the_prefix(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("INCIDENTS_DATABASE_URL", f"sqlite:///{tmp_path}/a b.db")
    monkeypatch.setenv("INCIDENTS_BUSY_TIMEOUT_S", "2.5")
    monkeypatch.setenv("INCIDENTS_ACTOR", " Rana ")
    found = open_database()
    assert (found.path, found.busy_timeout_s) == (tmp_path / "a b.db", 2.5)
    assert settings().who() == "Rana"


def test_settings_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = settings()
    monkeypatch.setenv("INCIDENTS_ACTOR", "later")
    assert settings() is first


@pytest.mark.parametrize("value", ["abc", "0", "-1", "nan", "inf", "3601", ""])
def test_a_waiting_time_that_is_none_is_an_input_error(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("INCIDENTS_BUSY_TIMEOUT_S", value)
    with pytest.raises(InputError) as caught:
        settings()
    assert caught.value.code == "bad_setting"
    assert caught.value.where == "INCIDENTS_BUSY_TIMEOUT_S"


def test_without_an_actor_the_login_name_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "somebody")
    assert Settings().who() == "somebody"
    assert Settings(actor="   ").who() == "somebody"


@pytest.mark.parametrize("error", [OSError, KeyError])  # Python 3.13 and before it, for a user without an entry
def test_a_user_without_a_name_is_unknown(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def nobody() -> NoReturn:
        raise error

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert login_name() == "unknown"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "bad_database_url"),
        ("incidents.db", "bad_database_url"),  # a path is not a URL
        ("postgresql://localhost", "bad_database_url"),  # names no database
        ("postgresql+asyncpg://localhost/x", "unsupported_database"),
        ("sqlite+pysqlcipher:///x.db", "unsupported_database"),  # would be opened without its key
        ("sqlite+aiosqlite:///x.db", "unsupported_database"),
        ("sqlite://", "memory_database"),
        ("sqlite:///", "memory_database"),
        ("sqlite:///:memory:", "memory_database"),
        ("sqlite:///file:x?mode=memory&uri=true", "bad_database_url"),
        ("sqlite:///x.db?timeout=5", "bad_database_url"),
    ],
)
def test_a_url_of_no_usable_database_is_refused(url: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        open_database(url)
    assert caught.value.code == code
    assert caught.value.fix is not None


def test_a_replica_is_read_from_where_the_settings_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCIDENTS_DATABASE_URL", "postgresql://one/incidents")
    monkeypatch.setenv("INCIDENTS_READ_URL", "postgresql://two/incidents")
    found = open_database()
    assert isinstance(found, PostgresDatabase)
    assert (found.url.host, found.read_url and found.read_url.host) == ("one", "two")
    named = open_database("postgresql://one/incidents")
    assert isinstance(named, PostgresDatabase)
    assert named.read_url is None


@pytest.mark.parametrize(
    ("url", "read_url", "where", "code"),
    [
        ("sqlite:///a.db", "postgresql://two/incidents", "INCIDENTS_DATABASE_URL", "replica_without_server"),
        ("postgresql://one/incidents", "sqlite:///a.db", "INCIDENTS_READ_URL", "replica_without_server"),
        ("postgresql://one/incidents", "two", "INCIDENTS_READ_URL", "bad_database_url"),
        ("postgresql://one/incidents", "postgresql://two", "INCIDENTS_READ_URL", "bad_database_url"),
    ],
)
def test_urls_that_do_not_go_together_are_refused(
    monkeypatch: pytest.MonkeyPatch, url: str, read_url: str, where: str, code: str
) -> None:
    monkeypatch.setenv("INCIDENTS_DATABASE_URL", url)
    monkeypatch.setenv("INCIDENTS_READ_URL", read_url)
    with pytest.raises(InputError) as caught:
        open_database()
    assert (caught.value.where, caught.value.code) == (where, code)


@pytest.mark.parametrize("name", ["a.db", "a b.db", "حوادث.db", "50%.db", "what?.db", "a#b.db"])
def test_a_file_name_is_taken_as_it_stands(tmp_path: Path, name: str) -> None:
    url = database_url("sqlite:///x.db").set(database=str(tmp_path / name))
    assert database_path(url) == tmp_path / name


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert database_path(database_url("sqlite:///~/x.db")) == tmp_path / "x.db"
