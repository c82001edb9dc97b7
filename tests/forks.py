"""Processes that are forked from one which has imported the product and done nothing else.

Each has a process, a working folder, an environment and an exit of its own, and knows nothing of the one before; but a
second of importing SQLAlchemy, NumPy and Shapely is spent once, not in each.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from incidents.cli.groups import PARTS
from incidents.cli.main import main


class Place(NamedTuple):
    """Where a process works, and with what environment."""

    folder: Path
    env: dict[str, str]


def started(work: Callable[..., None], *arguments: Any) -> BaseProcess:
    """A process that does ``work``, a function of a module that it can import, and ends."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*(f"incidents.cli.{part}" for part in dict.fromkeys(PARTS.values())), __name__])
    process = context.Process(target=work, args=arguments)
    process.start()
    return process


@contextmanager
def running(words: list[str], place: Place, first: str = "") -> Iterator[tuple[int, TextIO]]:
    """The program with the command line ``words`` while the block runs: its process, and what it prints.

    Args:
        words: the name of the program and its arguments.
        place: where.
        first: Python that is run before it.
    """
    reading, writing = multiprocessing.Pipe(duplex=False)
    process = started(_become_a_printer, words, place, writing, first)
    writing.close()  # the end of the program is then the end of what it prints
    try:
        with os.fdopen(os.dup(reading.fileno()), encoding="utf-8") as printed:
            yield process.pid or 0, printed
    finally:
        reading.close()
        process.terminate()
        process.join()
        process.close()


def become_the_program(words: list[str], place: Place, output: Path) -> None:
    """In a process of its own: run the command line ``words``, with ``output`` as both streams."""
    _move_to(place)
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        _print_to(file, stream)
    sys.argv = words
    main()


def _become_a_printer(words: list[str], place: Place, output: Connection, first: str) -> None:
    _move_to(place)
    _print_to(output.fileno(), sys.stdout)
    output.close()
    exec(first)  # noqa: S102 - what a test asks for
    sys.argv = words
    main()


def _move_to(place: Place) -> None:
    os.environ.clear()
    os.environ.update(place.env)
    os.chdir(place.folder)


def _print_to(file: int, stream: Any) -> None:
    stream.reconfigure(encoding="utf-8")  # first: it asks where a file stands, which a pipe cannot tell
    os.dup2(file, stream.fileno())
