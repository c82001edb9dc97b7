"""Downloads from a real server on this computer: whole or not at all, and only what changed."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from localweb import LOOPBACK, LocalWeb, Reply, local_web

from db.errors import AtlasError, InputError, ResourceError
from gazetteer.sources.download import USER_AGENT, Downloader, Outcome, check_onward, check_url

pytestmark = pytest.mark.allow_hosts(LOOPBACK)
BODY = b"36.2\t37.1\n" * 50_000  # more than one chunk


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    with local_web() as running:
        yield running


@pytest.fixture
def loader() -> Downloader:
    return Downloader(timeout_s=5, attempts=3, backoff_s=0)


def anything(path: Path) -> None:
    """A check that every file passes."""


def get(loader: Downloader, web: LocalWeb, folder: Path, **options: int) -> Outcome:
    found = loader.file(f"{web.address}/x.txt", folder / "x.txt", check=anything, notes={"licence": "CC0"}, **options)
    return found.outcome


def test_a_file_comes_whole_with_its_checksum_and_licence_beside_it(
    loader: Downloader, web: LocalWeb, tmp_path: Path
) -> None:
    steps: list[tuple[str, int]] = []
    loader.progress = lambda what, count: steps.append((what, count))
    web.put("/x.txt", Reply(BODY, headers={"ETag": '"1"', "Last-Modified": "Mon, 06 Jan 2025 10:00:00 GMT"}))
    found = loader.file(f"{web.address}/x.txt", tmp_path / "x.txt", check=anything, notes={"licence": "CC0"})
    assert (tmp_path / "x.txt").read_bytes() == BODY
    assert (found.outcome, found.size, found.sha256) == (
        Outcome.DOWNLOADED,
        len(BODY),
        hashlib.sha256(BODY).hexdigest(),
    )
    beside = json.loads((tmp_path / "x.txt.source.json").read_text())
    assert beside["url"] == f"{web.address}/x.txt"
    assert (beside["licence"], beside["sha256"], beside["etag"]) == ("CC0", found.sha256, '"1"')
    assert web.asked[0].headers["user-agent"] == USER_AGENT == "incident-atlas/0.1.0"
    assert len(steps) > 1
    assert steps[-1] == ("fetching x.txt", len(BODY))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.txt", "x.txt.source.json"]


def test_what_has_not_changed_is_not_sent_again(loader: Downloader, web: LocalWeb, tmp_path: Path) -> None:
    web.put("/x.txt", Reply(BODY, headers={"ETag": '"1"', "Last-Modified": "Mon, 06 Jan 2025 10:00:00 GMT"}))
    assert get(loader, web, tmp_path) is Outcome.DOWNLOADED
    assert get(loader, web, tmp_path) is Outcome.UNCHANGED
    assert web.asked[1].headers["if-none-match"] == '"1"'
    assert web.asked[1].headers["if-modified-since"] == "Mon, 06 Jan 2025 10:00:00 GMT"
    web.put("/x.txt", Reply(b"new", headers={"ETag": '"2"'}))
    assert get(loader, web, tmp_path) is Outcome.DOWNLOADED
    assert (tmp_path / "x.txt").read_bytes() == b"new"


def test_a_server_without_validators_sends_again_and_equal_bytes_are_unchanged(
    loader: Downloader, web: LocalWeb, tmp_path: Path
) -> None:
    web.put("/x.txt", BODY)
    assert [get(loader, web, tmp_path), get(loader, web, tmp_path)] == [Outcome.DOWNLOADED, Outcome.UNCHANGED]


@pytest.mark.parametrize("harm", ["file", "note", "gone"])
def test_a_file_that_was_changed_here_is_fetched_again(
    loader: Downloader, web: LocalWeb, tmp_path: Path, harm: str
) -> None:
    web.put("/x.txt", Reply(BODY, headers={"ETag": '"1"'}))
    get(loader, web, tmp_path)
    if harm == "gone":
        (tmp_path / "x.txt").unlink()
    else:
        (tmp_path / ("x.txt" if harm == "file" else "x.txt.source.json")).write_text("{")
    assert get(loader, web, tmp_path) is Outcome.DOWNLOADED
    assert (tmp_path / "x.txt").read_bytes() == BODY


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_failing_server_is_asked_again(loader: Downloader, web: LocalWeb, tmp_path: Path, status: int) -> None:
    web.put("/x.txt", Reply(b"busy", status, {"Retry-After": "0"}), BODY)
    assert get(loader, web, tmp_path) is Outcome.DOWNLOADED
    assert len(web.asked) == 2


def test_a_body_cut_short_is_fetched_again_and_never_takes_the_name(
    loader: Downloader, web: LocalWeb, tmp_path: Path
) -> None:
    web.put("/x.txt", Reply(BODY[:1000], announced=len(BODY)), BODY)
    assert get(loader, web, tmp_path) is Outcome.DOWNLOADED
    web.put("/x.txt", Reply(b"shor", announced=5))
    with pytest.raises(ResourceError, match="broke after 4 of 5 bytes") as error:
        get(loader, web, tmp_path)
    assert error.value.code == "truncated"
    assert (tmp_path / "x.txt").read_bytes() == BODY
    assert list(tmp_path.glob("*.part")) == []


# What the server does, and the stable code of the error.
@pytest.mark.parametrize(
    ("reply", "code", "asked"),
    [
        pytest.param(Reply(b"", 404), "not_published", 1, id="no such file"),
        pytest.param(Reply(b"", 410), "not_published", 1, id="gone"),
        pytest.param(Reply(b"", 403), "refused", 1, id="forbidden"),
        pytest.param(Reply(b"", 500), "server_error", 3, id="always failing"),
        pytest.param(
            Reply(b"<html>", 200, {"Content-Type": "text/html; charset=utf-8"}), "not_the_file", 1, id="web page"
        ),
        pytest.param(Reply(b"x" * 2000), "too_large", 1, id="announced too large"),
        pytest.param(Reply(b"", 302, {"Location": "http://example.org/x"}), "not_https", 1, id="on to plain http"),
        pytest.param(Reply(b"", 302, {"Location": "file:///etc/passwd"}), "refused", 1, id="on to a file"),
    ],
)
def test_a_file_that_does_not_come_says_why_and_leaves_what_was_there(
    loader: Downloader, web: LocalWeb, tmp_path: Path, reply: Reply, code: str, asked: int
) -> None:
    (tmp_path / "x.txt").write_bytes(b"before")
    web.put("/x.txt", reply)
    with pytest.raises(AtlasError) as error:
        get(loader, web, tmp_path, max_bytes=1000)
    assert (error.value.code, len(web.asked)) == (code, asked)
    assert (tmp_path / "x.txt").read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["x.txt"]


def test_a_redirect_on_the_same_computer_is_followed(loader: Downloader, web: LocalWeb, tmp_path: Path) -> None:
    web.put("/x.txt", Reply(b"", 302, {"Location": "/y.txt"}))
    web.put("/y.txt", BODY)
    assert get(loader, web, tmp_path) is Outcome.DOWNLOADED


def test_a_file_that_fails_its_check_is_not_kept(loader: Downloader, web: LocalWeb, tmp_path: Path) -> None:
    def never(path: Path) -> None:
        raise InputError("not_the_file", f"{path.stat().st_size} bytes of something else")

    web.put("/x.txt", BODY)
    with pytest.raises(InputError, match="500000 bytes of something else"):
        loader.file(f"{web.address}/x.txt", tmp_path / "x.txt", check=never, notes={})
    assert list(tmp_path.iterdir()) == []


def test_a_host_that_cannot_be_reached_is_tried_for_one_file_only(
    loader: Downloader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    waits: list[float] = []
    monkeypatch.setattr("gazetteer.sources.download.time.sleep", waits.append)
    loader.backoff_s = 1.0
    for name in ("x.txt", "y.txt"):
        with pytest.raises(ResourceError) as error:
            loader.file(f"http://127.0.0.1:{port}/{name}", tmp_path / name, check=anything, notes={})
        assert error.value.code == "unreachable"
        assert "HTTPS_PROXY" in str(error.value)
    assert waits == [1.0, 2.0]


def test_a_silent_server_is_not_waited_for_without_end(loader: Downloader, web: LocalWeb, tmp_path: Path) -> None:
    loader.timeout_s, loader.attempts = 0.1, 1
    web.put("/x.txt", Reply(BODY, wait_s=0.5))
    with pytest.raises(ResourceError, match="timed out") as error:
        get(loader, web, tmp_path)
    assert error.value.code == "unreachable"


def test_a_folder_that_cannot_be_written_is_said(loader: Downloader, web: LocalWeb, tmp_path: Path) -> None:
    web.put("/x.txt", BODY)
    with pytest.raises(ResourceError) as error:
        loader.file(f"{web.address}/x.txt", tmp_path / "none" / "x.txt", check=anything, notes={})
    assert error.value.code == "cannot_write"


def test_a_small_answer_is_had_as_bytes(loader: Downloader, web: LocalWeb) -> None:
    web.put("/api", b"{}")
    assert loader.content(f"{web.address}/api") == b"{}"
    with pytest.raises(InputError, match="2 bytes or more; 1 are taken"):
        loader.content(f"{web.address}/api", max_bytes=1)


@pytest.mark.parametrize(
    "url",
    ["http://example.org/x", "ftp://example.org/x", "file:///etc/passwd", "https:///x", "", "http://127.0.0.1.evil/x"],
)
def test_only_https_is_fetched_from_the_network(url: str) -> None:
    with pytest.raises(InputError) as error:
        check_url(url)
    assert error.value.code == "not_https"


@pytest.mark.parametrize("url", ["https://example.org/x", "http://127.0.0.1:80/", "http://[::1]/", "http://localhost"])
def test_https_and_this_computer_are_fetched(url: str) -> None:
    check_url(url)


def test_a_server_on_the_network_cannot_send_to_this_computer() -> None:
    check_onward("https://a.example/x", "https://b.example/y")
    check_onward("http://127.0.0.1/x", "http://127.0.0.1:81/y")
    for target in ("http://127.0.0.1/x", "https://localhost/x"):
        with pytest.raises(InputError):
            check_onward("https://a.example/x", target)
