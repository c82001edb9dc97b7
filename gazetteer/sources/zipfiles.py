"""Zip archives from outside: one expected member is taken, and what could harm is refused before it is unpacked.

A few kilobytes of zip can hold gigabytes, and a member called ``../x`` is written outside the folder by careless
readers (zip bombs and "zip slip", CWE-409 and CWE-22).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from db.errors import InputError, ResourceError

MAX_MEMBERS = 20
MAX_RATIO = 100
"""Most bytes out of one byte in: GeoNames' text files pack about 4 to 1, zeros 1,000 to 1."""
MAX_UNPACKED = 4_000_000_000  # bytes: more than twice GeoNames' whole world
_CHUNK = 1024 * 1024
_ENCRYPTED = 0x1


def check_zip(path: Path, member: str) -> None:
    """Refuse an archive that lacks ``member``, is damaged, or holds more than it should; reads it all once.

    Args:
        path: the archive.
        member: name of the file that it must hold.

    Raises:
        InputError: ``bad_zip``, ``unsafe_zip``, ``no_such_member``.
    """
    with _opened(path) as archive:
        info = _member(archive, path, member)
        with _translated(path), archive.open(info) as file:
            while file.read(_CHUNK):
                pass


def unpack(path: Path, member: str, target: Path) -> None:
    """Write the file ``member`` of the archive as ``target``, whole or not at all.

    Args:
        path: the archive.
        member: name of the file in it.
        target: where to; what is there is replaced.

    Raises:
        InputError: those of :func:`check_zip`; ResourceError: ``cannot_write``.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        with _opened(path) as archive, _translated(path):
            _copy(archive, _member(archive, path, member), part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _copy(archive: ZipFile, info: ZipInfo, target: Path) -> None:
    with archive.open(info) as source, target.open("wb") as file:
        while chunk := source.read(_CHUNK):
            try:
                file.write(chunk)
            except OSError as error:
                why = f"The file cannot be written: {error.strerror}."
                fix = "Free some space, or choose another folder."
                raise ResourceError("cannot_write", why, where=str(target), fix=fix) from error


@contextmanager
def _opened(path: Path) -> Iterator[ZipFile]:
    try:
        archive = ZipFile(path)
    except (BadZipFile, NotImplementedError) as error:
        raise _bad(path, str(error)) from error
    with archive:
        _refuse_unsafe(archive.infolist(), path)
        yield archive


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Damage that shows only while a member is read, as ``bad_zip``."""
    try:
        yield
    except (BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise _bad(path, str(error)) from error


def _refuse_unsafe(members: list[ZipInfo], path: Path) -> None:
    """What the directory of the archive itself shows; a member never gives more bytes than it states there."""
    if len(members) > MAX_MEMBERS:
        raise _unsafe(path, f"{len(members)} files; {MAX_MEMBERS} are taken")
    for info in members:
        if "/" in info.orig_filename or "\\" in info.orig_filename or info.orig_filename in {"", ".", ".."}:
            raise _unsafe(path, "a file with a folder in its name", info.orig_filename)
        if info.flag_bits & _ENCRYPTED:
            raise _unsafe(path, "an encrypted file", info.orig_filename)
        if info.file_size > MAX_RATIO * max(info.compress_size, 1_000):
            raise _unsafe(path, f"a file that unpacks to more than {MAX_RATIO} times its size", info.orig_filename)
    if sum(info.file_size for info in members) > MAX_UNPACKED:
        raise _unsafe(path, f"more than {MAX_UNPACKED:,} bytes")


def _member(archive: ZipFile, path: Path, member: str) -> ZipInfo:
    found = [info for info in archive.infolist() if info.filename == member]
    if len(found) != 1:
        why = f"The archive has {len(found)} files called {member}."
        raise InputError("no_such_member", why, where=path.name, got=", ".join(archive.namelist()))
    return found[0]


def _bad(path: Path, why: str) -> InputError:
    return InputError("bad_zip", f"This is no whole zip archive: {why}.", where=path.name)


def _unsafe(path: Path, what: str, got: str | None = None) -> InputError:
    return InputError("unsafe_zip", f"The archive is not unpacked: it has {what}.", where=path.name, got=got)
