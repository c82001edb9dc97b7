"""What every measure gets: a loaded database of one size and edition, and how often to run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench_scale.generate import Files
from bench_scale.process import Figures

if TYPE_CHECKING:
    from tests.postgres import Server

SQLITE, POSTGRESQL = "sqlite", "postgresql"
EDITIONS = (SQLITE, POSTGRESQL)
COLUMNS = "sqlite with columns"
"""The SQLite edition with its columns held in the process."""


@dataclass(frozen=True)
class Case:
    """One size and edition.

    Attributes:
        url: of the loaded database.
        folder: for files, kept with ``--keep``.
        repeat: runs of what is timed.
        loads: runs of loads and exports.
        peer_features: so many features the peers of an export write at most; their time is scaled up.
        server: the running PostgreSQL, also the home of the hand-written peer; None where there is none.
    """

    size: int
    edition: str
    url: str
    files: Files
    folder: Path
    repeat: int
    loads: int
    peer_features: int
    server: Server | None

    def processor(self, ours: Figures, theirs: Figures) -> tuple[float, float] | None:
        """The processor times of a work and its peer; None on a server, which works in processes of its own."""
        return (ours["cpu_seconds"], theirs["cpu_seconds"]) if self.edition == SQLITE else None

    @property
    def path(self) -> Path:
        """The file of a SQLite database."""
        return Path(self.url.removeprefix("sqlite:///"))
