"""Where an export goes: standard output, a file or a folder that is whole or not there at all.

Names that end in ``.gz`` or ``.zst`` are compressed on the way; no time and no name is written into them, so
that two exports of the same data are equal byte for byte.
"""

from __future__ import annotations

import errno
import io
import os
import secrets
import shutil
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatch
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import zstandard

from db.errors import AtlasError, InputError, NotFoundError, ResourceError

STANDARD_OUTPUT = "-"
COMPRESSED = frozenset({".gz", ".zst"})
"""Endings of names that are compressed; what stands before them says the format."""

GZIP_WITH_HEADER = 31
"""``wbits`` of zlib: the largest window, and gzip's header and checksum round it."""


def is_standard_output(path: Path | str) -> bool:
    """Whether ``path`` stands for standard output."""
    return str(path) == STANDARD_OUTPUT


def plain_name(path: Path) -> Path:
    """``path`` without the ending of its compression.

    >>> plain_name(Path("all.csv.gz")).name
    'all.csv'
    """
    return path.with_suffix("") if path.suffix.lower() in COMPRESSED else path


@contextmanager
def atomic_output(path: Path | str) -> Iterator[BinaryIO]:
    """A binary stream whose content appears at ``path`` only when the block ends without an error.

    It is written beside the target, synced and renamed over it, so that an export that is killed leaves the
    file of before, or none: half a FeatureCollection can look like a whole one.

    Args:
        path: the file, replaced if it is there and compressed if its name says so; ``-`` is standard output,
            which cannot be taken back.

    Raises:
        NotFoundError: ``no_folder``.
        InputError: ``not_a_file``, the target is a folder.
        ResourceError: ``read_only``, or ``disk_full``.
    """
    if is_standard_output(path):
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = _target(path)
    if _is_special(target):
        with target.open("wb") as stream, _packed(stream, Path(path)) as packed:
            yield packed  # a pipe or device has nothing to rename over
        return
    with _renamed(target) as part:
        with part.open("xb") as stream:
            with _packed(stream, Path(path)) as packed:
                yield packed
            _sync(stream)
        part.replace(target)


@contextmanager
def atomic_path(path: Path | str, suffix: str) -> Iterator[Path]:
    """As :func:`atomic_output`, for a library that opens the file itself: a path to write to.

    The path lies in a folder of its own, in which the library may keep files of its own; for standard output,
    pipes and compressed names that is the system's folder for temporary files, and the file is copied.

    Args:
        path: as for :func:`atomic_output`.
        suffix: of the path given; libraries choose the format by it.

    Raises:
        As :func:`atomic_output`.
    """
    copied = is_standard_output(path) or _is_special(_target(path)) or plain_name(Path(path)) != Path(path)
    if copied:
        with tempfile.TemporaryDirectory() as folder:
            part = Path(folder) / f"unfinished{suffix}"
            yield part
            with part.open("rb") as source, atomic_output(path) as stream:
                shutil.copyfileobj(source, stream)
        return
    target = _target(path)
    with _renamed(target) as folder_part:
        folder_part.mkdir()
        part = folder_part / f"unfinished{suffix}"
        yield part
        with part.open("rb") as stream:
            _sync(stream)
        part.replace(target)


@contextmanager
def atomic_folder(path: Path | str, ours: str) -> Iterator[Path]:
    """A folder that appears at ``path``, with all that the block writes into it, only when the block ends well.

    Args:
        path: the folder; one that is there is replaced where it holds nothing but files of ours.
        ours: pattern of the names of our files, such as ``part-*.parquet``.

    Raises:
        NotFoundError: ``no_folder``, where it is to be.
        InputError: ``not_a_folder``; ``foreign_files``, the folder holds others; ``needs_a_folder``, for ``-``.
        ResourceError: as :func:`atomic_output`.
    """
    target = _folder_target(path, ours)
    with _renamed(target) as part:
        part.mkdir()
        yield part
        if not target.exists():
            part.rename(target)
            return
        before = part.with_suffix(".before")
        target.rename(before)
        part.rename(target)
        shutil.rmtree(before)


class _Compressor(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _Packer(io.RawIOBase):
    """Compresses what is written to it; only :meth:`finish` writes the end mark of a whole file."""

    def __init__(self, stream: BinaryIO, compressor: _Compressor) -> None:
        self._stream = stream
        self._compressor = compressor

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        view = memoryview(cast("bytes", data))
        self._stream.write(self._compressor.compress(cast("bytes", view)))
        return view.nbytes

    def finish(self) -> None:
        self._stream.write(self._compressor.flush())


@contextmanager
def _packed(stream: BinaryIO, path: Path) -> Iterator[BinaryIO]:
    """``stream``, or one that compresses into it as the name of ``path`` says."""
    suffix = path.suffix.lower()
    if suffix not in COMPRESSED:
        yield stream
        return
    gzip = suffix == ".gz"
    packer = _Packer(
        stream,
        zlib.compressobj(wbits=GZIP_WITH_HEADER)
        if gzip
        else zstandard.ZstdCompressor(write_checksum=True).compressobj(),
    )
    yield cast("BinaryIO", packer)
    packer.finish()


@contextmanager
def _renamed(target: Path) -> Iterator[Path]:
    """A name beside ``target`` that the block renames; whatever is left there is removed."""
    part = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        yield part
    except OSError as error:
        raise resource_error(error, target) from error
    finally:
        with suppress(OSError):
            if part.is_dir():
                shutil.rmtree(part)
            else:
                part.unlink(missing_ok=True)


def _sync(stream: BinaryIO) -> None:
    if stream.writable():
        stream.flush()
    os.fsync(stream.fileno())


def _target(path: Path | str) -> Path:
    """The file to replace; through a link the file behind it, not the link."""
    target = Path(path).resolve()
    if target.is_dir():
        raise InputError("not_a_file", "This is a folder.", where=str(target), fix="Give the name of a file.")
    _check_parent(target)
    return target


def _folder_target(path: Path | str, ours: str) -> Path:
    if is_standard_output(path):
        raise InputError("needs_a_folder", "Several files cannot go to standard output.", fix="Name a folder.")
    target = Path(path).resolve()
    _check_parent(target)
    if target.exists() and not target.is_dir():
        raise InputError("not_a_folder", "There is a file of this name.", where=str(target), fix="Name a folder.")
    foreign = next((file for file in target.rglob("*") if not file.is_dir() and not fnmatch(file.name, ours)), None)
    if foreign is not None:
        raise InputError(
            "foreign_files",
            "The folder holds files that no export wrote; it is not replaced.",
            where=str(target),
            got=str(foreign.relative_to(target)),
            fix="Name a new folder.",
        )
    return target


def _check_parent(target: Path) -> None:
    if not target.parent.is_dir():
        raise NotFoundError("no_folder", "There is no such folder.", where=str(target.parent), fix="Create it first.")


def _is_special(target: Path) -> bool:
    """Whether it is a pipe or a device."""
    return target.exists() and not target.is_file()


def resource_error(error: OSError, target: Path) -> AtlasError:
    """The error of this product that the system's ``error`` at ``target`` stands for."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return ResourceError(
            "disk_full", "There is no room for the file; none was left.", where=str(target), fix="Free some space."
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return ResourceError(
            "read_only", "You may not write here.", where=str(target), fix="Choose another folder, or use - for output."
        )
    return ResourceError("cannot_write", f"The file cannot be written: {error.strerror}.", where=str(target))
