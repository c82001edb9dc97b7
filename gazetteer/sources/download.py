"""One file over HTTP: whole, checked and known by its SHA-256, or not there at all.

A file is streamed to ``NAME.part`` and renamed when it is complete and has passed its check. Beside it lies
``NAME.source.json`` with where it came from, when, under which licence, its checksum, and the ETag and
Last-Modified with which the next download asks only for what changed (RFC 9110, section 13).
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from http.client import HTTPException
from ipaddress import ip_address
from pathlib import Path
from typing import IO, Any, TypeAlias, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from db.errors import AtlasError, InputError, NotFoundError, ResourceError
from db.import_log import file_sha256
from db.session import TOOL
from db.strictjson import read_json
from db.types import utc_now

FetchProgress: TypeAlias = Callable[[str, int], None]
"""Called with what is being done, for example ``fetching SY.zip``, and how many bytes, or rows, so far."""

USER_AGENT = TOOL.replace(" ", "/")
CHUNK = 256 * 1024  # bytes
MAX_BYTES = 500_000_000
MAX_WAIT_S = 60.0
_TOO_MANY = 429
_TEXT_LIMIT = 1_000_000

_T = TypeVar("_T")


class Outcome(StrEnum):
    """What became of a download."""

    DOWNLOADED = "downloaded"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is here now.

    Attributes:
        path: where it lies.
        url: where it came from.
        outcome: whether it is new or changed.
        size: bytes.
        sha256: of its bytes, hexadecimal.
        at: when its bytes were fetched, UTC.
    """

    path: Path
    url: str
    outcome: Outcome
    size: int
    sha256: str
    at: datetime


class _RetryError(Exception):
    """A try failed in a way that may pass; ``wait_s`` is what the server asks to wait, seconds."""

    def __init__(self, error: AtlasError, wait_s: float = 0.0) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait_s = wait_s


@dataclass
class Downloader:
    """Fetches files one after the other, and does not try a host again that could not be reached.

    Args:
        timeout_s: longest silence of the server, seconds.
        attempts: how often a file is tried where the server fails (5xx, 429), the connection breaks or the body
            is cut short.
        backoff_s: seconds before the second try; doubled for each further one.
        progress: see :data:`FetchProgress`.
    """

    timeout_s: float = 30.0
    attempts: int = 3
    backoff_s: float = 1.0
    progress: FetchProgress | None = None
    _unreachable: dict[str, AtlasError] = field(default_factory=dict, init=False, repr=False)

    def file(
        self, url: str, path: Path, *, check: Callable[[Path], None], notes: Mapping[str, str | None],
        max_bytes: int = MAX_BYTES,
    ) -> Download:  # fmt: skip
        """Have the file at ``url`` as ``path``; what is there is replaced only by a whole new one.

        Args:
            url: https, or http of this computer.
            path: in a folder that exists.
            check: refuses, with an InputError, a file that is not what was asked for.
            notes: further members of the file that is kept beside it, such as the licence.
            max_bytes: the most that is taken.

        Raises:
            InputError: ``not_https``, ``too_large``, ``not_the_file`` (a web page), and what ``check`` raises;
                NotFoundError: ``not_published``; ResourceError: ``unreachable``, ``server_error``, ``truncated``,
                ``refused``, ``cannot_write``.
        """
        held = _held(path, url)
        found = self._tried(url, lambda: self._file(url, path, held, check, max_bytes))
        if found is None:
            return _unchanged(path, held)
        digest, size, headers = found
        same = held.get("sha256") == digest
        at = utc_now()
        facts = {"url": url, "sha256": digest, "bytes": size, "fetched_at": at.isoformat(), **notes, **headers}
        _write_text(_beside(path), json.dumps(facts, ensure_ascii=False, indent=2))
        return Download(path, url, Outcome.UNCHANGED if same else Outcome.DOWNLOADED, size, digest, at)

    def content(self, url: str, *, max_bytes: int = _TEXT_LIMIT) -> bytes:
        """The bytes at ``url``, at most ``max_bytes``; arguments and errors as for :meth:`file`."""
        return self._tried(url, lambda: self._content(url, max_bytes))

    def _tried(self, url: str, attempt: Callable[[], _T]) -> _T:
        """What ``attempt`` gives, tried again where that may help."""
        check_url(url)
        host = urlsplit(url).netloc
        if host in self._unreachable:
            raise self._unreachable[host]
        for number in range(1, self.attempts + 1):
            try:
                return attempt()
            except _RetryError as again:
                if number == self.attempts:
                    if again.error.code == "unreachable":
                        self._unreachable[host] = again.error
                    raise again.error from again
                time.sleep(min(MAX_WAIT_S, max(again.wait_s, self.backoff_s * 2 ** (number - 1))))
        raise ValueError(f"{self.attempts} attempts are none")

    def _file(
        self, url: str, path: Path, held: Mapping[str, Any], check: Callable[[Path], None], max_bytes: int
    ) -> tuple[str, int, dict[str, str]] | None:
        """Checksum, size and validators of the file that was fetched; None where the server has no newer one."""
        response = _opened(url, _conditions(held), self.timeout_s)
        if response is None:
            return None
        part = path.with_name(f"{path.name}.part")
        digest, size = hashlib.sha256(), 0
        try:
            with closing(response), _created(part) as file:
                _refuse_page(response, url)
                for chunk in _chunks(response, url, max_bytes):
                    _write(file, chunk)
                    digest.update(chunk)
                    size += len(chunk)
                    if self.progress is not None:
                        self.progress(f"fetching {path.name}", size)
                _settle(file)
            check(part)
            _replace(part, path)
        finally:
            part.unlink(missing_ok=True)
        headers = {"etag": response.headers.get("ETag"), "last_modified": response.headers.get("Last-Modified")}
        return digest.hexdigest(), size, {key: value for key, value in headers.items() if value}

    def _content(self, url: str, max_bytes: int) -> bytes:
        response = _opened(url, {}, self.timeout_s)
        if response is None:
            raise ResourceError("server_error", "The server answered 304 to a plain request.", where=url)
        with closing(response):
            return b"".join(_chunks(response, url, max_bytes))


def check_url(url: str) -> None:
    """Refuse a URL that is not https, unless it is http of this very computer.

    Raises:
        InputError: ``not_https``.
    """
    parts = urlsplit(url)
    if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))):
        return
    why = "Only https is fetched: over plain http anybody on the way can change the file."
    raise InputError("not_https", why, got=url, fix="Give an https address, or one of 127.0.0.1.")


def check_onward(url: str, target: str) -> None:
    """Refuse a ``target`` that the server at ``url`` names, if it may not be fetched on its word.

    Raises:
        InputError: ``not_https``, also where a server on the network sends to this computer.
    """
    check_url(target)
    hosts = [urlsplit(address).hostname or "" for address in (url, target)]
    if is_loopback(hosts[1]) and not is_loopback(hosts[0]):
        raise InputError("not_https", "The server sends the request on to this computer.", where=url, got=target)


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this computer by its address, or is called ``localhost``."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Redirects(HTTPRedirectHandler):
    """Follows a redirect to https only, or on this computer; never from the network to this computer."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        target = urljoin(req.full_url, newurl)
        try:
            check_onward(req.full_url, target)
        except InputError:
            fp.close()
            raise
        return super().redirect_request(req, fp, code, msg, headers, target)


def _opener(url: str) -> OpenerDirector:
    """An opener for http and https only: urllib's own also reads ``file:`` and ``ftp:``."""
    opener = OpenerDirector()
    proxies = ProxyHandler({}) if is_loopback(urlsplit(url).hostname or "") else ProxyHandler()
    handlers = (
        proxies, HTTPHandler(), HTTPSHandler(), _Redirects(), HTTPErrorProcessor(), HTTPDefaultErrorHandler(),
        UnknownHandler(),
    )  # fmt: skip
    for handler in handlers:
        opener.add_handler(handler)
    return opener


def _opened(url: str, conditions: Mapping[str, str], timeout_s: float) -> Any:
    """The response to a request for ``url``; None for 304 (not modified)."""
    request = Request(url, headers={"User-Agent": USER_AGENT, **conditions})  # noqa: S310 (`check_url` saw its scheme)
    host = urlsplit(url).netloc
    try:
        response = _opener(url).open(request, timeout=timeout_s)
    except HTTPError as error:
        with closing(error):
            if error.code == 304:
                return None
            raise _refusal(error, url) from None
    except URLError as error:
        raise _RetryError(_unreachable(host, str(error.reason), url)) from error
    except (OSError, HTTPException) as error:
        raise _RetryError(_unreachable(host, str(error) or type(error).__name__, url)) from error
    return response


def _refuse_page(response: Any, url: str) -> None:
    if response.headers.get_content_type() == "text/html":
        why = "The server sent a web page instead of the file; some networks do so until one signs in."
        raise InputError("not_the_file", why, where=url, fix="Open the address in a browser and look.")


def _refusal(error: HTTPError, url: str) -> Exception:
    """What an HTTP status of 4xx or 5xx means, after RFC 9110, section 15."""
    said = f"The server answered {error.code} {error.reason}."
    if error.code in (404, 410):
        return NotFoundError("not_published", f"The server has no such file ({error.code}).", where=url)
    if error.code >= 500 or error.code == _TOO_MANY:
        wait = error.headers.get("Retry-After", "") if error.headers else ""
        fix = "Try again later; what was fetched before is kept."
        wait_s = float(wait) if wait.isdigit() else 0.0
        return _RetryError(ResourceError("server_error", said, where=url, fix=fix), wait_s)
    return ResourceError("refused", said, where=url, fix="Download the file by hand and import it.")


def _unreachable(host: str, why: str, url: str) -> ResourceError:
    return ResourceError(
        "unreachable", f"{host} cannot be reached: {why}.", where=url,
        fix="Check the connection (and HTTPS_PROXY), or download the file elsewhere and import it.",
    )  # fmt: skip


def _chunks(response: Any, url: str, max_bytes: int) -> Iterator[bytes]:
    """The body piece by piece; one cut short, or longer than announced or allowed, is an error."""
    announced = response.headers.get("Content-Length", "")
    total = int(announced) if announced.isdigit() else None
    read = 0
    while total is None or total <= max_bytes:
        try:
            chunk = response.read(CHUNK)
        except (OSError, HTTPException) as error:
            raise _cut_short(url, read, total) from error
        if not chunk:
            break
        read += len(chunk)
        if read > max_bytes:
            total = read
            break
        yield chunk
    if total is not None and total > max_bytes:
        why = f"The file has {total:,} bytes or more; {max_bytes:,} are taken."
        raise InputError("too_large", why, where=url, fix="Download it by hand and see what it is.")
    # `http.client` raises nothing where fewer bytes come than were announced and the reader names an amount.
    if total is not None and read != total:
        raise _cut_short(url, read, total)


def _cut_short(url: str, read: int, total: int | None) -> _RetryError:
    of = "" if total is None else f" of {total:,}"
    why = f"The connection broke after {read:,}{of} bytes."
    return _RetryError(ResourceError("truncated", why, where=url, fix="Try again; what was there before is kept."))


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.source.json")


def _held(path: Path, url: str) -> dict[str, Any]:
    """What is known of the file that is here, if it is still the one that was fetched from ``url``."""
    beside = _beside(path)
    if not (path.is_file() and beside.is_file()):
        return {}
    try:
        facts = read_json(beside)
    except AtlasError:
        return {}  # A broken note costs one download.
    if not isinstance(facts, dict) or facts.get("url") != url or facts.get("sha256") != file_sha256(path):
        return {}
    return facts


def _conditions(held: Mapping[str, Any]) -> dict[str, str]:
    found = {"If-None-Match": held.get("etag"), "If-Modified-Since": held.get("last_modified")}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _unchanged(path: Path, held: Mapping[str, Any]) -> Download:
    at = datetime.fromisoformat(held["fetched_at"])
    return Download(path, held["url"], Outcome.UNCHANGED, path.stat().st_size, held["sha256"], at)


def _cannot_write(path: Path, error: OSError) -> ResourceError:
    why = f"The file cannot be written: {error.strerror}."
    return ResourceError("cannot_write", why, where=str(path), fix="Free some space, or choose another folder.")


def _created(path: Path) -> IO[bytes]:
    try:
        return path.open("wb")
    except OSError as error:
        raise _cannot_write(path, error) from error


def _write(file: IO[bytes], chunk: bytes) -> None:
    try:
        file.write(chunk)
    except OSError as error:
        raise _cannot_write(Path(file.name), error) from error


def _settle(file: IO[bytes]) -> None:
    """Have the bytes on the disk before the file takes its name, or a power cut leaves an empty one."""
    try:
        file.flush()
        os.fsync(file.fileno())
    except OSError as error:
        raise _cannot_write(Path(file.name), error) from error


def _replace(part: Path, path: Path) -> None:
    try:
        part.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error


def _write_text(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    with _created(part) as file:
        _write(file, text.encode("utf-8"))
        _settle(file)
    _replace(part, path)
