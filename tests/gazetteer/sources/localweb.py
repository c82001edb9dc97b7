"""A web server on this computer that stands in for the network: it answers as told and keeps what it was asked."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep
from urllib.parse import urlsplit

# Only this computer: the rest of the network stays blocked.
LOOPBACK = ["127.0.0.1"]


@dataclass
class Reply:
    """One answer; ``announced`` is a Content-Length other than the true one, ``wait_s`` the seconds before it."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    announced: int | None = None
    wait_s: float = 0.0


@dataclass
class Asked:
    """One request that came."""

    path: str
    query: str
    headers: dict[str, str]


@dataclass
class LocalWeb:
    """What the server answers by path; of several replies each is given once and the last for ever."""

    address: str = ""
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def put(self, path: str, *replies: Reply | bytes) -> None:
        self.replies[path] = [reply if isinstance(reply, Reply) else Reply(reply) for reply in replies]

    def reply_to(self, path: str) -> Reply:
        waiting = self.replies.get(path, [Reply(b"no such file", 404)])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]


@contextmanager
def local_web() -> Iterator[LocalWeb]:
    """A server that runs inside the block; its ``address`` is ``http://127.0.0.1:PORT``."""
    web = LocalWeb()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            web.asked.append(Asked(parts.path, parts.query, {k.lower(): v for k, v in self.headers.items()}))
            reply = web.reply_to(parts.path)
            tag = reply.headers.get("ETag")
            if tag is not None and self.headers.get("If-None-Match") == tag:
                reply = Reply(status=304, headers={"ETag": tag})
            sleep(reply.wait_s)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            length = len(reply.body) if reply.announced is None else reply.announced
            if reply.status != 304:
                self.send_header("Content-Length", str(length))
            self.end_headers()
            with suppress(ConnectionError):  # who would not wait has gone
                self.wfile.write(reply.body)

        def log_request(self, *args: object) -> None:
            """Say nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def zipped(**members: bytes) -> bytes:
    """A zip archive; ``SY__txt`` is the member ``SY.txt``."""
    return zipped_as({name.replace("__", "."): content for name, content in members.items()})


def zipped_as(members: dict[str, bytes]) -> bytes:
    """A zip archive of files by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()
