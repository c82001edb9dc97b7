"""Write the generated parts of docs/: the commands from their help texts, the CSV columns from the code.

Run it after a change to either: python scripts/docs.py. A test fails until that was done.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from incidents.cli.main import app
from incidents.exports.columns import CLAIM_COLUMNS, INCIDENT_COLUMNS, RANGE_PARTS, RANGED, Column, Role

DOCS = Path(__file__).parent.parent / "docs"
WIDTH = 100
PROGRAM = "incidents"


def walk(command: Any, context: Any) -> Iterator[tuple[str, Any, Any]]:
    """Every command below ``command``, groups before their members: full name, command and context."""
    if not hasattr(command, "list_commands"):
        return
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        inner = typer.Context(child, info_name=name, parent=context, max_content_width=WIDTH, terminal_width=WIDTH)
        yield inner.command_path, child, inner
        yield from walk(child, inner)


def tree() -> list[tuple[str, Any, Any]]:
    """Every command of the product, the program itself first."""
    root = typer.main.get_command(app)
    context = typer.Context(root, info_name=PROGRAM, max_content_width=WIDTH, terminal_width=WIDTH)
    return [(PROGRAM, root, context), *walk(root, context)]


def commands_page() -> str:
    """docs/commands.md: the help text of every command, in the order of the help."""
    parts = [
        "# Commands",
        "Made by `scripts/docs.py` from the help texts; every command prints its own with `--help`.",
    ]
    for name, command, context in tree():
        parts.append(f"{'##' if hasattr(command, 'list_commands') else '###'} {name}")
        parts.append(f"```text\n{_without_trailing_space(command.get_help(context))}\n```")
    return "\n\n".join(parts) + "\n"


def _without_trailing_space(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def columns_table(columns: tuple[Column, ...]) -> str:
    """A Markdown table of ``columns``; those of a range stand in one row for all."""
    names = {f"{outcome.value}_{category.value}_{part}" for outcome, category in RANGED for part in RANGE_PARTS}
    rows = ["| column | in an import | what it holds |", "| --- | --- | --- |"]
    rows += [_column_row(column) for column in columns if column.name not in names]
    if any(column.name in names for column in columns):
        rows += [f"| `…_{part}` | left alone | {about} |" for part, about in RANGE_PARTS.items()]
    return "\n".join(rows)


def _column_row(column: Column) -> str:
    fate = {Role.CARRIED: "read", Role.DERIVED: "left alone", Role.TEMPLATE: "read, never written"}[column.role]
    fate = "required" if column.required else fate
    about = column.about.replace("|", "\\|")
    return f"| `{column.name}` | {fate} | {about} |"


def subjects_list() -> str:
    """What the ranges of the flat file are about, as the beginnings of their columns' names."""
    return ", ".join(f"`{outcome.value}_{category.value}_…`" for outcome, category in RANGED)


def formats_page(text: str) -> str:
    """docs/formats.md with its generated parts made anew; the rest of ``text`` stays as it is."""
    for name, part in (
        ("incident columns", columns_table(INCIDENT_COLUMNS)),
        ("range subjects", subjects_list()),
        ("claim columns", columns_table(CLAIM_COLUMNS)),
    ):
        text = _filled(text, name, part)
    return text


def _filled(text: str, name: str, part: str) -> str:
    """``text`` with ``part`` between the marks called ``name``."""
    start, end = f"<!-- {name}: made by scripts/docs.py -->\n", f"\n<!-- end of {name} -->"
    before, found, rest = text.partition(start)
    _, closed, after = rest.partition(end)
    if found == "" or closed == "":
        raise SystemExit(f"The marks of “{name}” are not in the page.")
    return f"{before}{start}{part}{end}{after}"


def main() -> None:
    """Write both pages."""
    page = DOCS / "formats.md"
    page.write_text(formats_page(page.read_text(encoding="utf-8")), encoding="utf-8")
    (DOCS / "commands.md").write_text(commands_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
