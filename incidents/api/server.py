"""The process that listens: one event loop, on a socket that is bound before anything is promised."""

from __future__ import annotations

import socket

import uvicorn

from db.errors import ResourceError


def bound(host: str, port: int) -> socket.socket:
    """A socket on ``host`` and ``port``; 0 is any free one.

    Raises:
        ResourceError: ``cannot_listen``.
    """
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048
        )
    except OSError as error:
        raise ResourceError(
            "cannot_listen",
            f"It cannot listen: {error.strerror}.",
            where=f"{host} port {port}",
            fix="Choose another --port.",
        ) from error


def run(config: uvicorn.Config, listener: socket.socket) -> None:
    """Answer requests until the process is told to end."""
    uvicorn.Server(config).run(sockets=[listener])
