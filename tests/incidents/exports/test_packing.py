"""How ready features are kept."""

from __future__ import annotations

import zstandard
from hypothesis import given
from hypothesis import strategies as st

from incidents.exports.packing import LEVEL, packed, trained, unpacked

FEATURES = [
    b'{"type":"Feature","id":"made-up-%d","properties":{"name":"Made-up %d","killed":%d}}' % (n, n * 7, n % 13)
    for n in range(2_000)
]


@given(st.binary(max_size=5_000))
def test_what_is_packed_comes_back(feature: bytes) -> None:
    assert unpacked(packed(feature)) == feature


def test_what_was_packed_without_a_dictionary_is_read() -> None:
    assert unpacked(zstandard.ZstdCompressor(level=LEVEL).compress(FEATURES[0])) == FEATURES[0]


def test_what_was_packed_with_another_dictionary_is_not_read() -> None:
    other = zstandard.ZstdCompressionDict(trained(FEATURES))
    assert unpacked(zstandard.ZstdCompressor(dict_data=other).compress(FEATURES[0])) is None
