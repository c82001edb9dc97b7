"""How a request reads: in one state of the database, within the limit of time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import Request
from sqlmodel import Session


@contextmanager
def reading(request: Request) -> Iterator[Session]:
    """A read session of the server.

    Raises:
        ResourceError: ``too_slow``.
    """
    with request.app.state.reader.session() as session:
        yield session
