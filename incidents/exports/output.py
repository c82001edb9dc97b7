"""Where an export goes: standard output, or a file that is whole or not there at all."""

from __future__ import annotations

import errno
import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from db.errors import AtlasError, InputError, NotFoundError, ResourceError

STANDARD_OUTPUT = "-"


@contextmanager
def atomic_output(path: Path | str) -> Iterator[BinaryIO]:
    """A binary stream whose content appears at ``path`` only when the block ends without an error.

    It is written beside the target, synced and renamed over it, so that an export that is killed leaves the
    file of before, or none: half a FeatureCollection can look like a whole one.

    Args:
        path: the file, replaced if it is there; ``-`` is standard output, which cannot be taken back.

    Raises:
        NotFoundError: ``no_folder``.
        InputError: ``not_a_file``, the target is a folder.
        ResourceError: ``read_only``, or ``disk_full``.
    """
    if str(path) == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    # Through a link the file behind it is replaced, not the link.
    target = Path(path).resolve()
    _check_target(target)
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:  # a pipe or device has nothing to rename over
            yield stream
        return
    part = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
    except OSError as error:
        raise _resource_error(error, target) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _check_target(target: Path) -> None:
    if target.is_dir():
        raise InputError("not_a_file", "This is a folder.", where=str(target), fix="Give the name of a file.")
    if not target.parent.is_dir():
        raise NotFoundError("no_folder", "There is no such folder.", where=str(target.parent), fix="Create it first.")


def _resource_error(error: OSError, target: Path) -> AtlasError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return ResourceError(
            "disk_full", "There is no room for the file; none was left.", where=str(target), fix="Free some space."
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return ResourceError(
            "read_only", "You may not write here.", where=str(target), fix="Choose another folder, or use - for output."
        )
    return ResourceError("cannot_write", f"The file cannot be written: {error.strerror}.", where=str(target))
