"""Archives from outside: the expected member is unpacked, bombs and strange names are not."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from localweb import zipped, zipped_as

from db.errors import InputError
from gazetteer.sources import zipfiles
from gazetteer.sources.zipfiles import check_zip, unpack


def put(folder: Path, content: bytes) -> Path:
    path = folder / "SY.zip"
    path.write_bytes(content)
    return path


def test_the_named_member_is_unpacked_whole(tmp_path: Path) -> None:
    path = put(tmp_path, zipped(SY__txt="الجينة".encode(), readme__txt=b"about"))
    check_zip(path, "SY.txt")
    unpack(path, "SY.txt", tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "الجينة"
    assert sorted(found.name for found in tmp_path.iterdir()) == ["SY.zip", "out.txt"]


def _damaged() -> bytes:
    content = bytearray(zipped_as({"SY.txt": bytes(range(256)) * 40}))
    content[60] ^= 0xFF  # inside the compressed bytes of the first member
    return bytes(content)


def _encrypted() -> bytes:
    content = bytearray(zipped(SY__txt=b"x"))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    return bytes(content)


# What the archive is, and the stable code of the refusal.
BAD = [
    pytest.param(b"<html>sign in</html>", "bad_zip", id="a web page"),
    pytest.param(b"", "bad_zip", id="empty"),
    pytest.param(zipped(SY__txt=b"x" * 9_000)[:-30], "bad_zip", id="cut short"),
    pytest.param(_damaged(), "bad_zip", id="damaged inside"),
    pytest.param(zipped(IQ__txt=b"x"), "no_such_member", id="another country"),
    pytest.param(zipped_as({"SY.txt": b"x", "../SY.txt": b"y"}), "unsafe_zip", id="a path upwards"),
    pytest.param(zipped_as({"SY.txt": b"x", "/etc/passwd": b"y"}), "unsafe_zip", id="an absolute path"),
    pytest.param(zipped_as({"SY.txt": b"x", "a\\b": b"y"}), "unsafe_zip", id="a Windows path"),
    pytest.param(zipped_as({"SY.txt": bytes(1_000_000)}), "unsafe_zip", id="a bomb"),
    pytest.param(zipped_as({f"{n}.txt": b"" for n in range(21)}), "unsafe_zip", id="too many files"),
    pytest.param(_encrypted(), "unsafe_zip", id="encrypted"),
]


@pytest.mark.parametrize(("content", "code"), BAD)
def test_a_bad_archive_is_refused_and_nothing_is_unpacked(tmp_path: Path, content: bytes, code: str) -> None:
    path = put(tmp_path, content)
    for act in (lambda: check_zip(path, "SY.txt"), lambda: unpack(path, "SY.txt", tmp_path / "out.txt")):
        with pytest.raises(InputError) as error:
            act()
        assert error.value.code == code
    assert [found.name for found in tmp_path.iterdir()] == ["SY.zip"]


def test_the_sum_of_all_members_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfiles, "MAX_UNPACKED", 1_000)
    with pytest.raises(InputError, match="more than 1,000 bytes"):
        check_zip(put(tmp_path, zipped(SY__txt=b"x" * 600, readme__txt=b"y" * 600)), "SY.txt")


def test_a_member_twice_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("SY.txt", "x")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("SY.txt", "y")
    with pytest.raises(InputError, match="2 files called"):
        check_zip(put(tmp_path, buffer.getvalue()), "SY.txt")
