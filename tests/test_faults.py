"""Faults, made on purpose: killed writers, many writers, full disks, read-only files, signals.

The long forms are run by hand, and print what they measured:

    python tests/test_faults.py kill 1000       # kill -9 during edits
    python tests/test_faults.py edit 8 250      # editors of one record, each with the version it saw
    python tests/test_faults.py write 16 100    # writers that need no version
"""

from __future__ import annotations

import json
import os
import random
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select as select_rows

from db.engine import Database
from db.errors import ConflictError, ResourceError
from db.migrations import HEAD
from db.schema import check_current, problems, upgrade
from db.session import check_version, read_session, write_session
from db.sqlite import SqliteDatabase
from db.tables import Change, Organisation, OrganisationAlias
from db.vocabulary import OrganisationKind

pytestmark = pytest.mark.sqlite

ROOT = Path(__file__).parent.parent
BATCH = 5  # rows of one transaction: all of them or none must be there


def driver(*arguments: object, **options: Any) -> dict[str, Any]:
    """Run this file as a program of its own, which may fork without pytest's threads and handlers."""
    command = [sys.executable, "-W", "error", __file__, *map(str, arguments)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=ROOT, env=environment(), timeout=600, **options
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


# --- what runs in the program of its own ------------------------------------------------------------------


def fork(work: Callable[[int], None]) -> tuple[int, int]:
    """Start ``work`` in a child process; its id, and the end of the pipe that ``work`` writes to."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            work(writing)
        finally:
            os._exit(0)
    os.close(writing)
    return child, reading


def say(pipe: int, value: object) -> None:
    os.write(pipe, (json.dumps(value) + "\n").encode())


def heard(pipe: int) -> list[Any]:
    with os.fdopen(pipe) as file:
        # A line that the kill cut short was not acknowledged.
        return [json.loads(line) for line in file.read().splitlines(keepends=True) if line.endswith("\n")]


def seed(path: Path) -> Database:
    database = SqliteDatabase(path)
    upgrade(database)
    with write_session(database, who="seed", why="a record to edit") as session:
        session.add(Organisation(code="record", name="A record", kind=OrganisationKind.UNKNOWN))
    return database


def kill_rounds(path: Path, rounds: int) -> dict[str, Any]:
    """Kill a process that adds and edits rows, as often as asked; count what it had acknowledged and what is lost."""
    database = seed(path)
    acknowledged: list[str] = []
    lost = torn = bad = 0
    slowest_open = 0.0
    chance = random.Random(1)  # noqa: S311 - moments of a kill, not a secret
    for number in range(rounds):
        child, pipe = fork(partial(add_for_ever, database, number))
        select.select([pipe], [], [], 30)  # a process killed before its first commit would prove little
        time.sleep(chance.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        acknowledged += heard(pipe)
        started = time.perf_counter()
        check_current(database)
        with read_session(database) as session:
            version = session.get_one(Organisation, 1).version
            slowest_open = max(slowest_open, time.perf_counter() - started)
            codes = set(session.exec(select_rows(OrganisationAlias.name)))
            edits = len(session.exec(select_rows(Change.id)).all())
        batches = {code.rpartition("/")[0] for code in codes}
        lost = len(set(acknowledged) - batches)
        torn += len(codes) != BATCH * len(batches) or version != 1 + edits or edits != len(batches)
    with closing(sqlite3.connect(path)) as raw:
        bad = raw.execute("PRAGMA integrity_check").fetchall() != [("ok",)]
    return {
        "kills": rounds, "acknowledged": len(acknowledged), "lost": lost, "torn": torn, "bad": int(bad),
        "slowest_open_s": slowest_open, "problems": problems(database),
    }  # fmt: skip


def add_for_ever(database: Database, round_number: int, out: int) -> None:
    batch = 0
    while True:
        name = f"{round_number}/{batch}"
        with write_session(database, who="killed", why=name) as session:
            session.get_one(Organisation, 1).note = name
            for row in range(BATCH):
                alias = f"{name}/{row}"
                session.add(OrganisationAlias(organisation_id=1, name=alias, folded=alias))
        say(out, name)
        batch += 1


def editors(path: Path, processes: int, edits: int, *, careful: bool) -> dict[str, Any]:
    """Let processes edit one record at once; ``careful`` ones give the version that they saw."""
    database = seed(path)
    started = time.perf_counter()
    children = [fork(partial(edit_often, database, number, edits, careful=careful)) for number in range(processes)]
    reports = [heard(pipe)[-1] for _, pipe in children]
    for child, _ in children:
        os.waitpid(child, 0)
    with read_session(database) as session:
        row = session.get_one(Organisation, 1)
        notes = [json.loads(new)["note"] for new in session.exec(select_rows(Change.new))]
        version = row.version
    waits = sorted(wait for report in reports for wait in report["waits"])
    return {
        "accepted": len(waits),
        "conflicts": sum(report["conflicts"] for report in reports),
        "locked": sum(report["locked"] for report in reports),
        "version": version,
        "lost": len({f"{n}-{e}" for n in range(processes) for e in range(edits)} - set(notes)),
        "journal": len(notes),
        "slowest_s": waits[-1],
        "p99_s": waits[int(len(waits) * 0.99)],
        "seconds": time.perf_counter() - started,
        "problems": problems(database),
    }


def edit_often(database: Database, number: int, edits: int, out: int, *, careful: bool) -> None:
    waits: list[float] = []
    conflicts = locked = 0
    for edit in range(edits):
        accepted = False
        while not accepted:
            seen = None
            if careful:
                with read_session(database) as session:
                    seen = session.get_one(Organisation, 1).version
            started = time.perf_counter()
            try:
                with write_session(database, who=f"editor {number}", why="edit") as session:
                    row = session.get_one(Organisation, 1)
                    check_version(row, seen, where="record")
                    row.note = f"{number}-{edit}"
                accepted = True
                waits.append(time.perf_counter() - started)
            except ConflictError:
                conflicts += 1
            except ResourceError:
                locked += 1
    say(out, {"waits": waits, "conflicts": conflicts, "locked": locked})


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:  # on a disk, also where the tests' files are in memory
        path = Path(folder) / "incidents.db"
        numbers = [int(text) for text in arguments[1:]]
        if arguments[0] == "kill":
            result = kill_rounds(path, *numbers)
        else:
            result = editors(path, *numbers, careful=arguments[0] == "edit")
    sys.stdout.write(json.dumps(result) + "\n")


# --- the tests --------------------------------------------------------------------------------------------


def test_f01_a_killed_writer_loses_nothing_it_acknowledged() -> None:
    found = driver("kill", 20)
    assert found["acknowledged"] > 0
    assert (found["lost"], found["torn"], found["bad"], found["problems"]) == (0, 0, 0, [])
    assert found["slowest_open_s"] < 1


def test_f05_eight_editors_of_one_record_lose_nothing() -> None:
    found = driver("edit", 8, 10)
    assert (found["accepted"], found["version"], found["journal"]) == (80, 81, 80)
    assert (found["lost"], found["locked"], found["problems"]) == (0, 0, [])
    assert found["conflicts"] > 0  # or they did not meet, and the test proves nothing


def test_f06_sixteen_writers_all_succeed() -> None:
    found = driver("write", 16, 8)
    assert (found["accepted"], found["version"], found["journal"]) == (128, 129, 128)
    assert (found["lost"], found["locked"], found["conflicts"], found["problems"]) == (0, 0, 0, [])


def big_row(number: int) -> Organisation:
    return Organisation(code=f"o{number}", name="n", kind=OrganisationKind.UNKNOWN, note="x" * 4000)


def fill(database: Database, acknowledged: list[int]) -> None:
    """Commit one row after another, and note each that was acknowledged."""
    for number in range(1, 10_000):
        with write_session(database, who="t", why="fill") as session:
            session.add(big_row(number))
        acknowledged.append(number)


class TestF03DiskFull:
    @pytest.fixture
    def small_disk(self, tmp_path: Path) -> Iterator[Path]:
        """A disk of 3 MB, which only root can make; test_session.py fills a file as any user."""
        folder = tmp_path / "small"
        folder.mkdir()
        mount = shutil.which("mount")
        if os.geteuid() != 0 or mount is None or not sys.platform.startswith("linux"):
            pytest.skip("only root on Linux can make a small disk")
        made = subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], check=False, capture_output=True
        )
        if made.returncode != 0:
            pytest.skip("this container may not mount a disk")
        yield folder
        subprocess.run(["umount", "-l", str(folder)], check=True)

    def test_everything_acknowledged_is_kept_and_writing_goes_on_after_space_is_given(self, small_disk: Path) -> None:
        database = seed(small_disk / "incidents.db")
        acknowledged: list[int] = []
        with pytest.raises(ResourceError) as caught:
            fill(database, acknowledged)
        assert caught.value.code == "disk_full"
        assert caught.value.exit_code == 5
        assert len(acknowledged) > 100
        subprocess.run(["mount", "-o", "remount,size=8m", str(small_disk)], check=True)
        with read_session(database) as session:
            assert len(session.exec(select_rows(Organisation.id)).all()) == len(acknowledged) + 1
        assert problems(database) == []
        with write_session(database, who="t", why="after space was given") as session:
            session.add(big_row(0))

    def test_a_batch_in_the_middle_of_an_import_is_kept_or_gone_as_a_whole(self, small_disk: Path) -> None:
        database = seed(small_disk / "incidents.db")
        with pytest.raises(ResourceError) as caught, write_session(database, who="t", why="import") as session:
            session.add_all(big_row(number) for number in range(2_000))
        assert caught.value.code == "disk_full"
        with read_session(database) as session:
            assert session.exec(select_rows(Organisation.code)).all() == ["record"]

    def test_a_database_cannot_be_made_on_a_full_disk_and_can_later(self, small_disk: Path) -> None:
        filler = small_disk / "filler"
        filler.write_bytes(bytes(3 * 1024 * 1024 - 64 * 1024))
        database = SqliteDatabase(small_disk / "incidents.db")
        with pytest.raises(ResourceError):
            upgrade(database)
        filler.unlink()
        upgrade(database)
        assert problems(database) == []


SIGNALLED = """
import signal, sys, time
from pathlib import Path
from db.sqlite import SqliteDatabase
from db.session import write_session
from db.tables import Organisation
signal.signal(signal.SIGINT, signal.default_int_handler)
with write_session(SqliteDatabase(Path(sys.argv[1])), who="t", why="interrupted") as session:
    for number in range(100):
        session.add(Organisation(code=f"o{number}", name="n", kind="unknown"))
        session.flush()
    print("half", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_f17_a_signal_in_a_write_session_leaves_nothing(database: Database, sent: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SIGNALLED, str(database.path)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment(), cwd=ROOT,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        assert child.stdout.readline() == "half\n"
        child.send_signal(sent)
        assert child.wait(timeout=20) != 0
    started = time.perf_counter()
    with write_session(database, who="t", why="the lock is free again") as session:
        assert session.exec(select_rows(Organisation.id)).all() == []
    assert time.perf_counter() - started < 1
    assert problems(database) == []


def test_f19_a_stopped_lock_holder_gives_locked_and_loses_nothing(database: Database) -> None:
    quick = SqliteDatabase(database.path, busy_timeout_s=0.3)
    with subprocess.Popen(
        [sys.executable, "-c", SIGNALLED, str(database.path)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment(), cwd=ROOT,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        assert child.stdout.readline() == "half\n"
        child.send_signal(signal.SIGSTOP)
        started = time.perf_counter()
        with pytest.raises(ResourceError, match="locked"), write_session(quick, who="t", why="w"):
            pytest.fail("two wrote at once")
        assert time.perf_counter() - started < 3
        child.send_signal(signal.SIGKILL)
    assert problems(database) == []


# Runs as an ordinary user, also where the tests run as root: that user may not reach Python's own files, so
# everything is used once, and thereby loaded, before the change of user.
AS_NOBODY = """
import json, os, sys
from pathlib import Path
from db.sqlite import SqliteDatabase
from db.errors import AtlasError
from db.schema import check_current, info, upgrade
from db.session import read_session, write_session
from db.tables import Organisation
from sqlmodel import select

def look(database):
    state = check_current(database)
    return [state.revision, state.writable]

def read(database):
    with read_session(database) as session:
        return list(session.exec(select(Organisation.code)))

def write(database):
    with write_session(database, who="t", why="w") as session:
        session.add(Organisation(code="new", name="n", kind="unknown"))

def info_line(database):
    return info(database).warnings[-1]

def answers(database):
    found = {}
    for step in (look, read, write, upgrade, info_line):
        try:
            found[step.__name__] = step(database)
        except AtlasError as error:
            found[step.__name__] = f"{type(error).__name__} {error.code}"
    return found

answers(SqliteDatabase(Path(sys.argv[2])))
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print(json.dumps(answers(SqliteDatabase(Path(sys.argv[1])))))
"""


class TestAReadOnlyDatabase:
    @pytest.fixture
    def place(self, tmp_path: Path) -> Iterator[Path]:
        """A folder that another user can reach, unlike pytest's own, with one database in it."""
        folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
        seed(folder / "incidents.db")
        (folder / "incidents.db.lock").unlink(missing_ok=True)
        folder.chmod(0o755)
        yield folder / "incidents.db"
        folder.chmod(0o700)
        shutil.rmtree(folder)

    def ask(self, path: Path, loaded_with: Path) -> dict[str, Any]:
        """What each step answers to a user who is not root, after one round on a database of root's own."""
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", AS_NOBODY, str(path), str(loaded_with)],
            check=False, capture_output=True, text=True, env=environment(), cwd=ROOT,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        answers: dict[str, Any] = json.loads(done.stdout)
        return answers

    def test_is_read_and_not_written(self, place: Path, database: Database) -> None:
        place.chmod(0o444)
        place.parent.chmod(0o555)
        before = place.read_bytes()
        answers = self.ask(place, database.path)
        assert answers == {
            "look": [HEAD, False],
            "read": ["record"],
            "write": "ResourceError read_only",
            "upgrade": [HEAD, HEAD],
            "info_line": "The file, or its folder, is read-only for you.",
        }
        assert place.read_bytes() == before
        assert [found.name for found in place.parent.iterdir()] == ["incidents.db"]

    def test_that_may_not_be_read_says_so(self, place: Path, database: Database) -> None:
        place.chmod(0o400 if os.geteuid() == 0 else 0o000)
        answers = self.ask(place, database.path)
        assert set(answers.values()) == {"ResourceError cannot_open"}

    def test_in_a_folder_that_may_not_be_entered_says_so(self, place: Path, database: Database) -> None:
        place.parent.chmod(0o700 if os.geteuid() == 0 else 0o000)
        answers = self.ask(place, database.path)
        place.parent.chmod(0o755)
        assert set(answers.values()) == {"ResourceError cannot_open"}

    def test_cannot_be_made_in_a_folder_that_may_not_be_written(self, place: Path, database: Database) -> None:
        place.parent.chmod(0o555)
        answers = self.ask(place.parent / "other.db", database.path)
        assert answers["upgrade"] == "ResourceError cannot_lock"
        assert answers["read"] == "NotFoundError no_database"
        assert [found.name for found in place.parent.iterdir()] == ["incidents.db"]

    def test_with_another_user_s_lock_file_says_so(self, place: Path, database: Database) -> None:
        place.chmod(0o666)
        place.parent.chmod(0o777)
        lock = Path(f"{place}.lock")
        lock.touch()
        lock.chmod(0o400 if os.geteuid() == 0 else 0o000)
        assert self.ask(place, database.path)["write"] == "ResourceError cannot_lock"


if __name__ == "__main__":
    main(sys.argv[1:])
