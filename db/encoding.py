"""Files of text from outside: their encoding is found by rule, never guessed, and proven to the last byte.

A file in an old Arabic code page decodes as Latin letters without any error, so bytes that are not UTF-8 are
refused until a person names their encoding (B02 to B05, B54 of the project's table of bad inputs).
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

from db.errors import InputError, NotFoundError, ResourceError

MAX_LINE = 16 * 1024 * 1024  # characters; without it one endless line would fill the memory
CHUNK = 1024 * 1024  # bytes

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"PK\x05\x06": "an empty zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"BZh91AY&SY": "a bzip2 archive",
    b"\xfd7zXZ\x00": "an xz archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file",
    b"%PDF-": "a PDF",
    b"SQLite format 3\x00": "a SQLite database",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
}
_NUL_SHARE = 0.3  # of the first bytes; a stray NUL in a text is an error of its row, not of the file


def bom_encoding(head: bytes) -> str | None:
    """The encoding that the byte order mark at the start of ``head`` names; None without a mark."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), None)


def refuse_binary(head: bytes, where: str) -> None:
    """Refuse a file that is no text, by its first bytes (B54).

    Raises:
        InputError: ``not_text``.
    """
    kind = next((kind for magic, kind in _BINARY.items() if head.startswith(magic)), None)
    if kind:
        raise InputError("not_text", f"This is {kind}, not text.", where=where, fix="Unpack or export it as text.")
    if bom_encoding(head) is None and head.count(0) > _NUL_SHARE * len(head):
        fix = "If it is UTF-16 without a byte order mark, say so with --encoding utf-16-le."
        raise InputError("not_text", "The file is full of NUL bytes: it is not UTF-8 text.", where=where, fix=fix)


def read_bytes(path: Path, *, limit: int | None = None) -> bytes:
    """The bytes of a file, at most ``limit`` of them.

    Raises:
        NotFoundError: ``file_not_found``; InputError: ``not_a_file``; ResourceError: ``unreadable_file``.
    """
    try:
        with path.open("rb") as file:
            return file.read(-1 if limit is None else limit)
    except FileNotFoundError:
        raise NotFoundError("file_not_found", "There is no such file.", where=str(path)) from None
    except IsADirectoryError:
        raise InputError("not_a_file", "This is a folder.", where=str(path), fix="Name a file in it.") from None
    except OSError as error:
        raise ResourceError("unreadable_file", f"The file cannot be read: {error}.", where=str(path)) from error


def undecodable(
    path: str, error: UnicodeError, offset: int, line: int, encoding: str, *, told: bool, choice: bool = True
) -> InputError:
    """The error for bytes that are not text in ``encoding``.

    Args:
        path: name of the file.
        error: what the decoder said.
        offset: of the first wrong byte, from 0.
        line: of that byte, from 1.
        encoding: the one tried.
        told: whether the user named it; else it was UTF-8 by default or by the file's mark.
        choice: whether the user can name one; JSON has none (RFC 8259, section 8.1).
    """
    bad = error.object[error.start : error.start + 4] if isinstance(error, UnicodeDecodeError) else b""
    where = f"{path}, line {line}, byte {offset}"
    if encoding.startswith("utf") and ("surrogate" in str(error) or re.match(rb"\xed[\xa0-\xbf]", bad)):
        fix = "Write the text again with whole characters."
        return InputError("bad_unicode", "Half of a surrogate pair stands alone.", where=where, got=bad, fix=fix)
    if told or encoding != "utf-8":
        return InputError("not_decodable", f"The bytes are not {encoding} text.", where=where, got=bad)
    fix = "Save it as UTF-8"
    fix += ", or name its encoding, for example --encoding cp1256; it is never guessed." if choice else "."
    return InputError("not_utf8", "The file is not UTF-8.", where=where, got=bad, fix=fix)


def encoding_of(path: Path, encoding: str | None = None) -> str:
    """The canonical name of the encoding that `open_text` reads ``path`` in, for a report; the bytes are not proven.

    Args:
        path: a regular file.
        encoding: as the user names it; by default what the byte order mark says, else UTF-8.

    Raises:
        InputError: ``unknown_encoding``, ``not_a_file``; NotFoundError: ``file_not_found``.
    """
    return known_encoding(encoding) if encoding is not None else bom_encoding(read_bytes(path, limit=4)) or "utf-8"


def known_encoding(name: str) -> str:
    """The canonical name of a text encoding.

    Raises:
        InputError: ``unknown_encoding``.
    """
    try:
        "".encode(name)
        codecs.getincrementaldecoder(name)
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        fix = "Use for example utf-8, utf-16, cp1256 or windows-1252."
        raise InputError("unknown_encoding", "No text encoding has this name.", got=name, fix=fix) from None


def _find_encoding(path: Path, encoding: str | None) -> str:
    """The encoding of the whole file, which is read once to prove it."""
    head = read_bytes(path, limit=64 * 1024)
    told = encoding is not None
    # Where the user names UTF-16 or the like, NUL bytes are no sign of anything.
    if not told or head.startswith(tuple(_BINARY)):
        refuse_binary(head, path.name)
    name = known_encoding(encoding) if encoding is not None else bom_encoding(head) or "utf-8"
    decoder = codecs.getincrementaldecoder(name)()
    done, chunk = 0, b""
    with path.open("rb") as file:
        try:
            for chunk in iter(partial(file.read, CHUNK), b""):
                decoder.decode(chunk)
                done += len(chunk)
            chunk = b""
            decoder.decode(b"", final=True)
        except UnicodeError as error:
            start = len(error.object) - len(chunk) - error.start if isinstance(error, UnicodeDecodeError) else 0
            offset = done - start
            raise undecodable(path.name, error, offset, _line_at(path, offset, name), name, told=told) from None
    return name


def _line_at(path: Path, offset: int, encoding: str) -> int:
    """The 1-based line of byte ``offset``; everything before it decodes."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)("replace"), translate=True)
    line = 1
    with path.open("rb") as file:
        while chunk := file.read(min(CHUNK, offset)):
            line += decoder.decode(chunk).count("\n")
            offset -= len(chunk)
    return line


@dataclass(frozen=True, slots=True)
class TextStream:
    """An open text file, its encoding proven.

    Args:
        name: file name, for messages.
        encoding: canonical name, for example ``utf-8``, ``utf-16-le``.
        file: the open file; line ends are kept as they are.
    """

    name: str
    encoding: str
    file: TextIO

    def lines(self) -> Iterator[str]:
        r"""The lines with their ends (LF, CR or CRLF, mixed as they come), without the byte order mark.

        Raises:
            InputError: ``cell_too_long``, a line of more than 16 million characters.
        """
        mark = "\ufeff"
        for line in iter(partial(self.file.readline, MAX_LINE), ""):
            if len(line) == MAX_LINE and not line.endswith(("\n", "\r")):
                raise InputError("cell_too_long", f"A line has more than {MAX_LINE} characters.", where=self.name)
            if text := line.removeprefix(mark):
                yield text
            mark = ""


@contextmanager
def open_text(path: Path, encoding: str | None = None) -> Iterator[TextStream]:
    """Open a text file whose encoding is proven to the last byte.

    Args:
        path: a regular file; it is read twice, in constant memory.
        encoding: as the user names it; by default what the byte order mark says, else UTF-8. Never guessed.

    Raises:
        InputError: ``not_text``, ``not_utf8`` (with byte offset and line), ``not_decodable``, ``bad_unicode``,
            ``unknown_encoding``, ``not_a_file``; NotFoundError: ``file_not_found``.
    """
    name = _find_encoding(path, encoding)
    with path.open(encoding=name, newline="") as file:
        yield TextStream(path.name, name, file)


@contextmanager
def reopen_text(path: Path, encoding: str) -> Iterator[TextStream]:
    """Open a file again whose ``encoding`` an earlier `open_text` has proven; it is not proven again.

    Raises:
        InputError: ``not_decodable``, the file has changed since.
    """
    with path.open(encoding=encoding, newline="") as file:
        try:
            yield TextStream(path.name, encoding, file)
        except UnicodeError as error:
            why = f"The file has changed while it was read: its bytes are no longer {encoding} text."
            raise InputError("not_decodable", why, where=path.name) from error
