"""The order of the rooms, read from the source: imports go from left to right only, and each test mirrors a module."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("db", "gazetteer", "incidents")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
MAX_LINES = 600

# A room may import itself and the rooms named; the longest prefix decides which room a module is in.
MAY_IMPORT = {
    "db": set[str](),
    "gazetteer": {"db"},
    "incidents": {"db", "gazetteer"},
    # A reader of the product's own files takes the columns from their writer, never the other way round.
    "incidents.importers": {"db", "gazetteer", "incidents", "incidents.exports"},
    "incidents.exports": {"db", "gazetteer", "incidents"},
    # A face for people who analyse, as the command line is one.
    "incidents.frames": {"db", "gazetteer", "incidents", "incidents.exports"},
    "incidents.api": {"db", "gazetteer", "incidents", "incidents.exports"},
    "incidents.web": {"db", "gazetteer", "incidents", "incidents.exports", "incidents.api"},
    "incidents.cli": {
        "db",
        "gazetteer",
        "incidents",
        "incidents.importers",
        "incidents.exports",
        "incidents.api",
        "incidents.web",
    },
}
DISTRIBUTIONS = {"mapbox_vector_tile": "mapbox-vector-tile", "pydantic_settings": "pydantic-settings"}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str | None:
    rooms = [room for room in MAY_IMPORT if module == room or module.startswith(f"{room}.")]
    return max(rooms, key=len, default=None)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def imports(path: Path) -> list[tuple[int, str]]:
    """Each module that the file imports, wherever in it, with its line; a relative import starts with a dot."""
    return list(_imports(path))


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            # ``from incidents import cli`` imports a room as much as ``import incidents.cli`` does.
            yield from ((node.lineno, f"{base}.{alias.name}" if room_of(base) else base) for alias in node.names)


@cache
def asked_for() -> set[str]:
    """The distributions that pyproject.toml asks for, with or without an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    return {re.split(r"[<>=\[; ]", line)[0].lower() for line in (*project["dependencies"], *extras)}


def named(paths: list[Path]) -> list[object]:
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in paths]


def test_there_is_something_to_look_at() -> None:
    assert {module_name(path).partition(".")[0] for path in MODULES} == set(PACKAGES)
    assert len(MODULES) > 40


@pytest.mark.parametrize("path", named(MODULES))
class TestEachModule:
    def test_imports_leftwards_only(self, path: Path) -> None:
        room = room_of(module_name(path))
        assert room is not None
        wrong = [
            f"line {line}: {module}"
            for line, module in imports(path)
            if (other := room_of(module)) is not None and other != room and other not in MAY_IMPORT[room]
        ]
        assert wrong == [], f"{room} may import {sorted(MAY_IMPORT[room])}"

    def test_imports_absolutely(self, path: Path) -> None:
        assert [module for _, module in imports(path) if module.startswith(".")] == []

    def test_imports_only_what_the_distribution_asks_for(self, path: Path) -> None:
        known = set(sys.stdlib_module_names) | set(PACKAGES) | {"__future__"}
        tops = {module.partition(".")[0] for _, module in imports(path)} - known
        assert {DISTRIBUTIONS.get(top, top).lower() for top in tops} <= asked_for()

    def test_has_a_docstring(self, path: Path) -> None:
        assert ast.get_docstring(tree_of(path)), "an empty package file too says what the package is"

    def test_is_short(self, path: Path) -> None:
        if "versions" not in path.parts:  # generated migrations are as long as the schema
            assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES

    def test_commits_nowhere_but_in_the_unit_of_work(self, path: Path) -> None:
        calls = [
            node.lineno
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
        ]
        assert calls == [] or module_name(path) == "db.session"


@pytest.mark.parametrize("path", named([path for path in TESTS if path.parent != ROOT / "tests"]))
def test_each_test_file_mirrors_a_module(path: Path) -> None:
    """``test_x.py`` or ``test_x_aspect.py`` stands where ``x`` does; ``x`` may be the package itself."""
    name = path.stem.removeprefix("test_")
    room = ROOT / path.parent.relative_to(ROOT / "tests")
    modules = {found.stem for found in room.iterdir() if found.suffix == ".py" or found.is_dir()} | {room.name}
    assert any(name == module or name.startswith(f"{module}_") for module in modules), f"no {name} in {room.name}"


def test_test_files_have_names_of_their_own() -> None:
    """Without packages pytest imports a test file by its name alone, unless told otherwise."""
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["addopts"]
    names = [path.name for path in TESTS]
    assert "--import-mode=importlib" in options or len(names) == len(set(names))


# The rule itself must be able to fail.
@pytest.mark.parametrize(
    ("module", "line", "wrong"),
    [
        ("db.engine", "from gazetteer.folding import fold", True),
        ("db.engine", "import incidents.cli", True),
        ("gazetteer.sources.store", "from incidents import counts", True),
        ("gazetteer.sources.store", "from db.engine import Database", False),
        ("incidents.counts", "from incidents import cli", True),
        ("incidents.counts", "from incidents.exports.geojson import write", True),
        ("incidents.exports.geojson", "import incidents.cli.main", True),
        ("incidents.exports.geojson", "from incidents.importers.ged import read", True),
        ("incidents.cli.main", "from incidents.importers import ged", False),
    ],
)
def test_the_rule_finds_a_rightward_import(tmp_path: Path, module: str, line: str, wrong: bool) -> None:
    # Trees are kept by path, and the folder of a test that passed is used again.
    file = tmp_path / f"{module}-{line}.py"
    file.write_text(f"def late():\n    {line}\n")
    room = room_of(module)
    assert room is not None
    others = {room_of(found) for _, found in imports(file)} - {room}
    assert (not others <= MAY_IMPORT[room]) is wrong
