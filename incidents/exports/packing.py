"""How a ready feature is kept: compressed by zstd, with a dictionary of what most features hold.

Without the dictionary it takes three times the room and twice the time, as each feature is compressed by itself. One
that was packed with none, or by an older version, is read as well; one of another dictionary is not, and made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import zstandard

LEVEL = 3
"""Of zstd: higher ones take several times as long and save a few per cent."""
FILE = "features.zdict"
"""The dictionary; ``scripts/train_packing.py`` makes it, and each one has another number (RFC 8878, section 5)."""
SIZE = 16_384


@cache
def _dictionary() -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(files("incidents.exports").joinpath(FILE).read_bytes())


@cache
def _compressor() -> zstandard.ZstdCompressor:
    return zstandard.ZstdCompressor(level=LEVEL, dict_data=_dictionary())


@cache
def _decompressor() -> zstandard.ZstdDecompressor:
    return zstandard.ZstdDecompressor(dict_data=_dictionary())


def packed(feature: bytes) -> bytes:
    """The JSON of a feature, compressed."""
    return _compressor().compress(feature)


def unpacked(body: bytes) -> bytes | None:
    """What :func:`packed` was given; None where it was packed with another dictionary."""
    try:
        return _decompressor().decompress(body)
    except zstandard.ZstdError:
        if zstandard.get_frame_parameters(body).dict_id in {0, _dictionary().dict_id()}:
            raise
        return None


def trained(samples: Sequence[bytes]) -> bytes:
    """A dictionary made from the JSON of many features."""
    return zstandard.train_dictionary(SIZE, list(samples)).as_bytes()
