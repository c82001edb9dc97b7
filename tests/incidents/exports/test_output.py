"""An export is whole or not there."""

from __future__ import annotations

import errno
import gzip
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import zstandard

from db.errors import InputError, NotFoundError, ResourceError
from incidents.exports.output import atomic_folder, atomic_output, atomic_path, plain_name

SLOW = """
import sys, time
from incidents.exports.output import atomic_output
with atomic_output(sys.argv[1]) as stream:
    stream.write(b"half")
    stream.flush()
    print("ready", flush=True)
    time.sleep(60)
"""


def test_the_content_is_there_after_the_block(tmp_path: Path) -> None:
    target = tmp_path / "out.geojson"
    with atomic_output(target) as stream:
        stream.write(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert [path.name for path in tmp_path.iterdir()] == ["out.geojson"]


def test_an_error_leaves_the_file_of_before(tmp_path: Path) -> None:
    target = tmp_path / "out.geojson"
    target.write_bytes(b"before")
    with pytest.raises(ZeroDivisionError), atomic_output(target) as stream:
        stream.write(b"half" * (1 // 0))
    assert target.read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["out.geojson"]


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_export_leaves_no_file_under_its_name(tmp_path: Path, sent: signal.Signals) -> None:
    target = tmp_path / "out.geojson"
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, str(target)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(sent)
        process.wait(timeout=30)
    assert not target.exists()


def test_a_link_keeps_pointing_to_its_file(tmp_path: Path) -> None:
    target, link = tmp_path / "real.csv", tmp_path / "link.csv"
    target.write_bytes(b"before")
    link.symlink_to(target)
    with atomic_output(link) as stream:
        stream.write(b"after")
    assert link.is_symlink()
    assert target.read_bytes() == b"after"


def test_a_dash_is_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out))
    with atomic_output("-") as stream:
        stream.write(b"text")
    assert out.getvalue() == b"text"


def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        with atomic_output(pipe) as stream:
            stream.write(b"through")
        assert reader.communicate(timeout=30)[0] == b"through"
    assert pipe.is_fifo()


def test_a_missing_folder_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no_folder"), atomic_output(tmp_path / "no" / "out.csv"):
        pass
    with pytest.raises(InputError, match="not_a_file"), atomic_output(tmp_path):
        pass


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "disk_full"), (errno.EROFS, "read_only"), (errno.EIO, "cannot_write")],
)
def test_a_full_or_read_only_disk_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ResourceError, match=code), atomic_output(tmp_path / "out.csv") as stream:
        stream.write(b"half")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".gz", ".zst", ".GZ"])
def test_a_name_that_says_so_is_compressed_the_same_way_each_time(tmp_path: Path, suffix: str) -> None:
    text = b"a row\r\n" * 10_000
    files = [tmp_path / f"one.csv{suffix}", tmp_path / f"two.csv{suffix}"]
    for file in files:
        with atomic_output(file) as stream:
            for start in range(0, len(text), 999):
                assert stream.write(text[start : start + 999]) > 0
        assert plain_name(file).suffix == ".csv"
    packed = files[0].read_bytes()
    assert packed == files[1].read_bytes()
    unpacked = (
        zstandard.ZstdDecompressor().decompressobj().decompress(packed) if suffix == ".zst" else gzip.decompress(packed)
    )
    assert unpacked == text


def test_half_a_compressed_file_has_no_end_mark(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.gz"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
        with pytest.raises(ZeroDivisionError), atomic_output(pipe) as stream:
            stream.write(os.urandom(100_000) * (1 // 1))
            raise ZeroDivisionError
        half = reader.communicate(timeout=30)[0]
    assert len(half) > 50_000
    with pytest.raises(EOFError):
        gzip.decompress(half)


@pytest.mark.parametrize("name", ["all.gpkg", "all.gpkg.gz"])
def test_a_library_writes_to_a_path_that_becomes_the_file(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    with atomic_path(target, ".gpkg") as path:
        assert path.suffix == ".gpkg"
        path.write_bytes(b"whole")
        path.with_name("journal").touch()
        assert not target.exists()
    content = target.read_bytes()
    assert (gzip.decompress(content) if name.endswith(".gz") else content) == b"whole"
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with pytest.raises(ZeroDivisionError), atomic_path(target, ".gpkg") as path:
        path.write_bytes(b"half" * (1 // 0))
    assert target.read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_path_can_go_to_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out))
    with atomic_path("-", ".fgb") as path:
        path.write_bytes(b"whole")
    assert out.getvalue() == b"whole"


def test_a_folder_is_replaced_as_a_whole_and_only_where_it_is_ours(tmp_path: Path) -> None:
    target = tmp_path / "parts"
    for content in ("first", "second"):
        with atomic_folder(target, "part-*") as folder:
            (folder / "year=2017").mkdir()
            (folder / "year=2017" / "part-0").write_text(content)
        assert (target / "year=2017" / "part-0").read_text() == content
    with pytest.raises(ZeroDivisionError), atomic_folder(target, "part-*") as folder:
        (folder / "part-0").write_text("half" * (1 // 0))
    (target / "letter.txt").touch()
    with pytest.raises(InputError, match="foreign_files"), atomic_folder(target, "part-*"):
        pass
    assert sorted(path.name for path in target.rglob("*")) == ["letter.txt", "part-0", "year=2017"]
    with pytest.raises(InputError, match="not_a_folder"), atomic_folder(target / "letter.txt", "part-*"):
        pass
    with pytest.raises(InputError, match="needs_a_folder"), atomic_folder("-", "part-*"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["parts"]
