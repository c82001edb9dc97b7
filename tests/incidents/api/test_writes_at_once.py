"""Many who write at once to a real server: no change is lost, and who is late is told what changed (F05, F06).

The long forms are run by hand, and print what they measured:

    python -m tests.incidents.api.test_writes_at_once edit 8 250      # editors of one record, each with the ETag it saw
    python -m tests.incidents.api.test_writes_at_once write 32 50     # writers of one record that need no version
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlmodel import select

from db.engine import Database
from db.schema import problems, upgrade
from db.session import read_session
from db.sqlite import SqliteDatabase
from db.tables import Change, Statement
from incidents.records import find_incident
from tests.editions import Edition
from tests.incidents.api.conftest import listener
from tests.incidents.conftest import fill

ROOT = Path(__file__).parents[3]
ITEM = "/api/collections/incidents/items/market"


class Person:
    """Somebody with a connection of his own, who notes what each request was answered and how long it took."""

    def __init__(self, address: str, token: str, name: str) -> None:
        self.name = name
        self.waits_s: list[float] = []
        self.refused: list[dict[str, Any]] = []
        self.failed: list[tuple[int, str]] = []
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection = HTTPConnection(urlsplit(address).netloc, timeout=60)

    def ask(self, method: str, path: str, data: Any = None, **headers: str) -> tuple[int, dict[str, Any], str]:
        """The status, the body and the ETag of an answer."""
        body = None if data is None else json.dumps({"why": self.name, "data": data})
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, body, self._headers | named)
        answer = self._connection.getresponse()
        return answer.status, json.loads(answer.read()), answer.headers.get("ETag", "")

    def edit(self, note: str) -> None:
        """Set the note of the incident, however often somebody else is quicker."""
        while True:
            _, seen, tag = self.ask("GET", f"{ITEM}?tier=internal")
            started = time.perf_counter()
            status, found, now = self.ask("PATCH", ITEM, {"note": note}, If_Match=tag)
            if status == 200:
                self.waits_s.append(time.perf_counter() - started)
                return
            if status != 412:
                self.failed.append((status, str(found)))
                return
            told = {"before": seen["properties"]["note"], "seen": tag, "now": now}
            self.refused.append(found | told)

    def say(self, words: str) -> None:
        """Record a statement of the incident."""
        started = time.perf_counter()
        status, found, _ = self.ask("POST", f"{ITEM}/statements", {"by": "echo", "report": "monitor-1", "words": words})
        if status == 201:
            self.waits_s.append(time.perf_counter() - started)
        else:
            self.failed.append((status, str(found)))


def work(kind: str, count: int, person: Person) -> None:
    """``count`` changes of one person."""
    for number in range(count):
        if kind == "edit":
            person.edit(f"{person.name}-{number}")
        else:
            person.say(f"{person.name}-{number}")


def together(address: str, token: str, kind: str, people: int, count: int) -> dict[str, Any]:
    """What ``people`` who work at once were answered."""
    started = time.perf_counter()
    all_of_them = [Person(address, token, f"p{number}") for number in range(people)]
    with ThreadPoolExecutor(people) as pool:
        list(pool.map(partial(work, kind, count), all_of_them))
    waits = sorted(wait for one in all_of_them for wait in one.waits_s)
    return {
        "accepted": len(waits),
        "refused": [told for one in all_of_them for told in one.refused],
        "failed": [told for one in all_of_them for told in one.failed],
        "p99_s": waits[int(len(waits) * 0.99)],
        "slowest_s": waits[-1],
        "seconds": time.perf_counter() - started,
    }


def ask_together(server: Any, kind: str, people: int, count: int) -> dict[str, Any]:
    """:func:`together` in a process of its own: that of pytest has no network."""
    command = [
        sys.executable,
        __file__,
        kind,
        str(people),
        str(count),
        server.address,
        server.token.read_text().strip(),
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def kept(database: Database) -> tuple[int, list[str], list[str]]:
    """The version of the incident, the notes of its edits in the journal, and the words of its statements."""
    with read_session(database) as session:
        row = find_incident(session, "market")
        of_row = select(Change.new).where(Change.table_name == "incident", Change.row_id == row.key)
        notes = [json.loads(new).get("note") for new in session.exec(of_row) if new is not None]
        said = session.exec(select(Statement.words).where(Statement.incident_id == row.key))
        return (
            row.version,
            [note for note in notes if str(note).startswith("p")],
            [one for one in said if one[0] == "p"],
        )


def expected(people: int, count: int) -> list[str]:
    return sorted(f"p{one}-{number}" for one in range(people) for number in range(count))


def test_of_eight_editors_of_one_record_none_loses_an_edit(own: Database, edition: Edition, tmp_path: Path) -> None:
    with listener(edition.url(own), tmp_path) as server:
        found = ask_together(server, "edit", 8, 5)
    version, notes, _ = kept(own)
    assert (found["accepted"], found["failed"], version) == (40, [], 41)
    assert sorted(notes) == expected(8, 5)
    assert len(found["refused"]) > 0  # or they did not meet, and the test proves nothing
    for told in found["refused"]:
        seen = int(told["seen"].strip('"').partition("-")[0])
        assert (told["code"], told["now"]) == ("stale_version", f'"{told["current_version"]}"')
        assert told["current_version"] > seen
        (difference,) = told["differences"]
        assert (difference["field"], difference["before"]) == ("note", told["before"])
        assert difference["now"] in notes


def test_of_thirty_two_writers_none_fails(own: Database, edition: Edition, tmp_path: Path) -> None:
    with listener(edition.url(own), tmp_path) as server:
        found = ask_together(server, "write", 32, 3)
    *_, said = kept(own)
    assert (found["accepted"], found["failed"]) == (96, [])
    assert sorted(said) == expected(32, 3)


def main() -> None:
    """The work that the arguments name; without an address, on a server and a file of its own."""
    kind, people, count, *server = sys.argv[1:]
    if len(server) > 0:
        found = together(*server, kind, int(people), int(count))
    else:
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:  # on a disk, which commits wait for
            database = SqliteDatabase(Path(folder) / "incidents.db")
            upgrade(database)
            fill(database)
            with listener(f"sqlite:///{folder}/incidents.db", Path(folder)) as started:
                found = ask_together(started, kind, int(people), int(count))
            version, notes, said = kept(database)
            lost = len(set(expected(int(people), int(count))) - set(notes if kind == "edit" else said))
            found |= {
                "refused": len(found["refused"]),
                "failed": len(found["failed"]),
                "lost": lost,
                "version": version,
                "problems": problems(database),
            }
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
