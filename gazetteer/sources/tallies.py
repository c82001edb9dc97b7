"""What happened to many rows of a file for one reason, kept as one flagged row with the number."""

from __future__ import annotations

from dataclasses import dataclass, field

from db.import_log import ImportLog


@dataclass
class _Tally:
    line: int
    raw: str
    message: str
    rows: int = 0


@dataclass
class Tallies:
    """Reasons that concern so many rows of a file that a kept row for each would bury the others."""

    _tallies: dict[str, _Tally] = field(default_factory=dict)

    def add(self, reason: str, line: int, raw: str, message: str) -> None:
        """Count a row.

        Args:
            reason: stable snake_case code.
            line: physical line of the row, from 1; the first is kept.
            raw: the row as it stood; the first is kept.
            message: what was done, said after the number of rows.
        """
        self._tallies.setdefault(reason, _Tally(line, raw, message)).rows += 1

    def save(self, log: ImportLog) -> None:
        """Flag the first row of each reason, with the number of all."""
        for reason, tally in self._tallies.items():
            log.flag(tally.line, reason, f"{tally.rows:,} row(s), this is the first: {tally.message}", tally.raw)
        self._tallies.clear()
