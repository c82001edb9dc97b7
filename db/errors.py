"""Every error a caller can act on.

The tree::

    AtlasError                 root; prints as one paragraph: what, which record, why, remedy
    ├── InputError             what was given is not acceptable; nothing was written (exit 2)
    │   ├── NotFoundError      a code, name or file that does not exist
    │   ├── AmbiguousError     several records answer to the name; carries the candidates
    │   └── IllegalMoveError   an investigation step that the present state does not allow
    ├── ConflictError          somebody else changed the record, or records contradict (exit 3)
    ├── StorageError           the database file cannot be used as it is (exit 4)
    │   ├── NotADatabaseError  the file is something else; it was left untouched
    │   ├── SchemaBehindError  older schema than the code: run ``incidents db upgrade``
    │   └── SchemaAheadError   newer schema than the code: install a newer release
    └── ResourceError          disk full, read-only, or locked by another process (exit 5)

Each carries a stable ``code`` (snake_case), so that tests, scripts and a later HTTP face
need not match prose.
"""

from __future__ import annotations

from collections.abc import Sequence

SHOWN_LENGTH = 80


def shown(value: object) -> str:
    """``value`` as safe text of at most 80 characters: control and direction marks are escaped."""
    text = value if isinstance(value, str) else repr(value)
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
    return escaped if len(escaped) <= SHOWN_LENGTH else escaped[: SHOWN_LENGTH - 1] + "…"


class AtlasError(Exception):
    """The root of all errors of this product.

    Args:
        code: stable name of the kind of error, snake_case.
        why: one sentence, what is wrong.
        where: which file, row, column or record.
        got: the offending value; escaped and cut to 80 characters.
        fix: the remedy, an imperative sentence or a command.
    """

    exit_code = 1

    def __init__(
        self, code: str, why: str, *, where: str | None = None, got: object = None, fix: str | None = None
    ) -> None:
        self.code = code
        self.why = why
        self.where = where
        self.got = None if got is None else shown(got)
        self.fix = fix
        super().__init__(code, why)

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.why}" if self.where else self.why]
        if self.got is not None:
            parts.append(f"Got: {self.got}")
        if self.fix:
            parts.append(self.fix)
        return f"[{self.code}] " + "\n  ".join(parts)

    def at(self, where: str) -> AtlasError:
        """The same error with ``where`` put in front of what it already says of the place."""
        self.where = f"{where}, {self.where}" if self.where else where
        return self


class InputError(AtlasError):
    """What was given is not acceptable; nothing was written."""

    exit_code = 2


class NotFoundError(InputError):
    """No record, file or place answers to what was given."""


class AmbiguousError(InputError):
    """Several records answer to the name; ``candidates`` holds a line for each."""

    def __init__(
        self,
        code: str,
        why: str,
        candidates: Sequence[str],
        *,
        where: str | None = None,
        got: object = None,
        fix: str | None = None,
    ) -> None:
        super().__init__(code, why, where=where, got=got, fix=fix)
        self.candidates = list(candidates)

    def __str__(self) -> str:
        return super().__str__() + "".join(f"\n  - {line}" for line in self.candidates)


class IllegalMoveError(InputError):
    """An investigation step that the state before it does not allow."""


class ConflictError(AtlasError):
    """Somebody else changed the record first, or what is said contradicts what is recorded."""

    exit_code = 3


class StorageError(AtlasError):
    """The database file cannot be used as it is; it was left untouched."""

    exit_code = 4


class NotADatabaseError(StorageError):
    """The file is not a database, or not one of this product."""


class SchemaBehindError(StorageError):
    """The database has an older schema than the code."""


class SchemaAheadError(StorageError):
    """The database has a newer schema than the code."""


class ResourceError(AtlasError):
    """The disk is full, the file is read-only, or another process holds the lock."""

    exit_code = 5
