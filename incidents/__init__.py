"""What people do: record reports and claims, ask where and how many, follow investigations."""

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlmodel import Session

    from db.import_log import Progress


def _refresh(session: "Session", keys: Sequence[int] | None, progress: "Progress | None") -> None:
    # Imported when it is needed: the geometry libraries take a quarter of a second.
    from incidents.derived import refresh

    refresh(session, keys, progress)


# Where another distribution's package db is in the way, the command line says so (incidents.cli.main).
with suppress(ModuleNotFoundError):
    from db.refreshers import refresh_with

    refresh_with(_refresh)
