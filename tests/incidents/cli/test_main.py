"""The command tree: help with an example everywhere, examples that work, documents that name every command."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer

import incidents.cli.main
from incidents.cli.groups import EXAMPLE, PARTS
from scripts.docs import commands_page, formats_page, tree
from tests.conftest import ROOT

TREE = tree()
LEAVES = [(name, command) for name, command, _ in TREE if not hasattr(command, "list_commands")]
NAMES = {name for name, _, _ in TREE}
PACKAGES = ("db", "gazetteer", "incidents", "scripts")

NEEDS_A_FILE = {
    "incidents import ged",
    "incidents import csv",
    "incidents import geojson",
    "incidents import log",
    "incidents import airwars",
    "incidents import acled",
    "incidents same evaluate",
    "incidents gazetteer import geonames",
    "incidents gazetteer import names",
    "incidents gazetteer import areas",
    "incidents gazetteer import wof",
    "incidents gazetteer import places",
    "incidents gazetteer fetch",
    "incidents place match",
    "incidents db copy",
    "incidents serve",
}
"""Their examples need what this test does not have, a file or the network; their own tests run them."""

MADE_BEFORE = {"incidents claim withdraw": "incidents claim add", "incidents token revoke": "incidents token create"}
"""The command whose example records what that of the other is about."""

RECORDED = {"incidents status set"}
"""Their examples record what is recorded of the named incidents already; their own tests take the whole path."""
ASKS = {"incidents same review"}
"""It asks a person; its own tests answer."""


def example_of(command: Any) -> list[str]:
    """The words of the example in a help text, without variables set before the command."""
    text = (command.help or "").partition(EXAMPLE)[2].replace("\\\n", " ")
    words = shlex.split(text)
    return words[words.index("incidents") :] if "incidents" in words else []


@pytest.mark.parametrize(("name", "command"), LEAVES, ids=[name for name, _ in LEAVES])
def test_every_command_has_help_with_an_example(name: str, command: Any) -> None:
    assert any(line.strip().startswith(EXAMPLE) for line in command.help.splitlines()), f"{name} has no example"
    assert " ".join(example_of(command)).startswith(name)


@pytest.mark.parametrize(("name", "command"), LEAVES, ids=[name for name, _ in LEAVES])
def test_every_option_and_argument_has_help(name: str, command: Any) -> None:
    silent = [param.name for param in command.params if not param.help]
    assert silent == [], name


@pytest.mark.parametrize(("name", "command"), LEAVES, ids=[name for name, _ in LEAVES])
def test_examples_name_options_that_exist(name: str, command: Any) -> None:
    known = {option for param in command.params for option in (*param.opts, *param.secondary_opts)}
    used = {word for word in example_of(command) if word.startswith("--")}
    assert used <= known, name


RUNNABLE = [(name, command) for name, command in LEAVES if name not in NEEDS_A_FILE | RECORDED | ASKS]


@pytest.mark.parametrize(("name", "command"), RUNNABLE, ids=[name for name, _ in RUNNABLE])
def test_examples_work_as_they_stand(name: str, command: Any, there: Any) -> None:
    words = example_of(command)[1:]
    if name in MADE_BEFORE:
        there(*example_of(dict(LEAVES)[MADE_BEFORE[name]])[1:])
    assert len(words) > 0
    there(*words)


@pytest.mark.parametrize(("name", "command"), LEAVES, ids=[name for name, _ in LEAVES])
def test_usage_shows_arguments_without_braces(name: str, command: Any) -> None:
    context = next(context for found, _, context in TREE if found == name)
    usage = command.get_usage(context)
    assert "{" not in usage
    assert "[[" not in usage


def test_the_table_of_parts_is_what_the_parts_register() -> None:
    for part in set(PARTS.values()):
        app = typer.Typer()
        import_module(f"incidents.cli.{part}").register(app)
        registered = set(typer.main.get_group(app).commands)
        assert registered == {name for name, where in PARTS.items() if where == part}


def test_every_command_is_named_in_the_documents() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages if page.exists())
    assert {name for name in NAMES if name not in text} == set()


def test_the_page_of_commands_is_up_to_date() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert page == commands_page(), "Run: python scripts/docs.py"


def test_the_page_of_formats_is_up_to_date() -> None:
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    assert page == formats_page(page), "Run: python scripts/docs.py"


def test_a_column_that_is_not_in_the_page_is_noticed() -> None:
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    assert formats_page(page.replace("| `code` |", "| `kode` |")) == page


def test_remedies_name_commands_and_options_that_exist() -> None:
    words = r"incidents (?:[a-z]+ ?)+(?:--[a-z-]+)?"
    known = {name: command for name, command, _ in TREE}
    wrong = []
    for path in [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]:
        for found in re.findall(rf"(?:(?:Run|with|by|see|them): |`)({words})", path.read_text("utf-8")):
            text, _, option = found.partition("--")
            name = longest_command(text.split())
            options = {opt for param in known[name].params for opt in param.opts} if name else set()
            if name is None or (option and f"--{option}" not in options):
                wrong.append((path.name, found))
    assert wrong == []


def longest_command(words: list[str]) -> str | None:
    """The command that ``words`` begin with; None where the words after the program are none."""
    for length in range(len(words), 1, -1):
        if " ".join(words[:length]) in NAMES:
            return " ".join(words[:length])
    return None


def test_the_search_for_commands_in_remedies_can_fail() -> None:
    assert longest_command(["incidents", "db", "upgrade", "now"]) == "incidents db upgrade"
    assert longest_command(["incidents", "undo"]) is None


def test_without_arguments_the_help_is_printed(run: Any) -> None:
    shown = run(exits=2).stderr or run(exits=2).stdout
    assert "Usage:" in shown
    assert "organisation" in shown


def test_the_version_is_printed(run: Any) -> None:
    assert run("--version").stdout.startswith("incident-atlas ")


def test_a_mistyped_command_is_suggested(run: Any) -> None:
    assert "Did you mean 'status'?" in run("staus", exits=2).stderr


def test_the_version_needs_no_heavy_import() -> None:
    program = "import sys; sys.argv = ['incidents', '--version']\nfrom incidents.cli.main import main\n" + (
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('sqlalchemy', 'numpy', 'shapely', 'rich.table') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_another_package_named_db_is_told(tmp_path: Path) -> None:
    (tmp_path / "db").mkdir()
    (tmp_path / "db" / "__init__.py").write_text("")
    program = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]\n"
    program += "sys.argv = ['incidents', 'find']\nfrom incidents.cli.main import main\nmain()"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("[package_overwritten]")
    assert incidents.cli.main.STORAGE == 4
