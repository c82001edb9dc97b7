"""``incidents serve``: the HTTP face, on this machine alone unless everything that another address needs is given."""

from __future__ import annotations

import os
import secrets
import sys
import webbrowser
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer

from db.errors import InputError, ResourceError
from db.settings import settings
from incidents.cli.app import reading, the_database
from incidents.cli.groups import AtlasCommand
from incidents.tokens import PREFIX, has_admin

PORT = 8000
CONFIG = 78
"""The exit code of a configuration that is refused (EX_CONFIG)."""
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
PUBLIC_LIMIT_S, LOCAL_LIMIT_S = 1.0, 10.0


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("serve", cls=AtlasCommand)(serve_command)


def serve_command(
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="The port; 0 for any.")] = PORT,
    allowed_host: Annotated[
        list[str] | None,
        typer.Option("--allowed-host", metavar="NAME", help="A name it answers to; may be repeated."),
    ] = None,
    public_read: Annotated[
        bool, typer.Option("--public-read", help="Show the public tier to everybody, without a token.")
    ] = False,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy in front of it speaks TLS and passes the host on.")
    ] = False,
    certificate: Annotated[
        Path | None, typer.Option("--tls-certificate", metavar="FILE", help="Speak TLS with this certificate (PEM).")
    ] = None,
    opening: Annotated[
        bool, typer.Option("--open", help="Open the pages in the browser of this machine, where it has one.")
    ] = False,
    key: Annotated[
        Path | None, typer.Option("--tls-key", metavar="FILE", help="The private key of the certificate (PEM).")
    ] = None,
) -> None:
    """Serve the incidents: OGC API Features under /api, for QGIS, GDAL and scripts, and pages for people.

    On another address than this machine's own it starts only with a token of an admin, TLS or --behind-proxy, and
    --allowed-host.

    Example: incidents serve --port 8000
    """
    local = _is_loopback(host)
    database = the_database()
    if not local:
        _refuse_open(host, allowed_host or [], tls=behind_proxy or certificate is not None)
    with reading():
        pass  # a database of another schema is said here, not at the first request
    try:
        import uvicorn

        from incidents.api.access import Access
        from incidents.api.app import create_app
        from incidents.api.server import bound, run
        from incidents.web.app import add_pages
    except ModuleNotFoundError as error:
        raise ResourceError(
            "extra_missing",
            f"The server needs the package {error.name}.",
            fix="Run: pip install 'incident-atlas[server]'",
        ) from error
    access = Access(
        hosts=frozenset(name.lower() for name in allowed_host or []) | (LOOPBACK_NAMES if local else frozenset()),
        secret=secrets.token_urlsafe(32),
        public_read=public_read,
        local_token=_local_token() if local else None,
        local_name=settings().who(),
        secure=certificate is not None or behind_proxy,
    )
    app = create_app(database, access, limit_s=LOCAL_LIMIT_S if local else PUBLIC_LIMIT_S)
    add_pages(app)
    listener = bound(host, port)
    scheme = "http" if certificate is None else "https"
    shown = f"[{host}]" if ":" in host else host
    address = f"{scheme}://{shown}:{listener.getsockname()[1]}"
    typer.echo(f"{address}/api  OGC API Features; Ctrl+C ends it")
    if local:
        login = f"{address}/login?key={access.new_login_key()}"
        typer.echo(f"{login}  opens the pages in a browser, once")
        if opening and _has_screen():
            # The socket is bound: the browser waits until the server answers.
            webbrowser.open(login)
        typer.echo(f"token for programs on this machine: {token_file()}")
    config = uvicorn.Config(
        app,
        log_level="warning",
        proxy_headers=behind_proxy,
        server_header=False,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    run(config, listener)


def _has_screen() -> bool:
    """Whether a browser would be a window; one in the terminal would take the server's place."""
    return sys.platform in {"darwin", "win32"} or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ


def token_file() -> Path:
    """Where the token of this machine's user lies: in the state folder of the XDG base directories."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "incident-atlas" / "token"


def _local_token() -> str:
    """The token of this machine's user, made at the first start; only the user may read the file."""
    path = token_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(PREFIX + secrets.token_urlsafe(32) + "\n")
        text = path.read_text(encoding="ascii").strip()
        shared = path.stat().st_mode & 0o077
    except OSError as error:
        raise ResourceError(
            "cannot_write", f"The token of this machine cannot be kept: {error.strerror}.", where=str(path)
        ) from error
    if shared or not text.startswith(PREFIX) or len(text) < 40:
        raise InputError(
            "unsafe_token",
            "The token of this machine is no secret.",
            where=str(path),
            fix="Remove the file; a new one is made.",
        )
    return text


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_open(host: str, hosts: list[str], *, tls: bool) -> None:
    """End with :data:`CONFIG` where the server would stand open to others."""
    lacking = []
    if not tls:
        lacking.append("TLS (--tls-certificate, --tls-key) or --behind-proxy")
    if len(hosts) == 0:
        lacking.append("--allowed-host")
    with reading() as session:
        if not has_admin(session):
            lacking.append("a token of an admin (incidents token create NAME --role admin)")
    if len(lacking) > 0:
        typer.echo(f"[unsafe_server] {host} is open to others; it needs {', and '.join(lacking)}.", err=True)
        raise typer.Exit(CONFIG)
