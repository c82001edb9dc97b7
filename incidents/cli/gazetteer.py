"""``incidents gazetteer`` and ``incidents place``: the place names that are known, and asking for one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from db.vocabulary import PlaceKind
from gazetteer.areas import import_areas
from gazetteer.embedded import DEFAULT_COUNTRIES, load_embedded
from gazetteer.geonames import import_geonames
from gazetteer.places import find_places, gazetteer_info, one_place
from incidents.cli.app import ByOption, console, counting, new_app, reading, recording
from incidents.importers.runs import summary

app = new_app("The places that names are looked up in.")
import_app = new_app("Read place names or boundaries from a file. Reading again adds nothing.")
place_app = new_app("Ask for a place by its name.")
app.add_typer(import_app, name="import")

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The file to read.")]


@app.command("load")
def load_command(
    country: Annotated[
        list[str] | None, typer.Option("--country", help="ISO code; may be repeated. Default SY, IQ.")
    ] = None,
    everywhere: Annotated[bool, typer.Option("--all", help="Places of every country: 235,000 of them.")] = False,
    by: ByOption = None,
) -> None:
    """Load the gazetteer that comes with the product: countries, governorates, places of 500 and more people.

    Example: incidents gazetteer load --country TR --country LB
    """
    countries = None if everywhere else tuple(country or DEFAULT_COUNTRIES)
    with recording(by, "the gazetteer that comes with the product") as session, counting("places") as progress:
        counts = load_embedded(session, countries, progress)
    typer.echo(
        "gazetteer: " + ", ".join(f"{count:,} {name}" for name, count in counts.items() if count or name == "added")
    )


@import_app.command("geonames")
def geonames_command(
    file: FileArgument,
    encoding: Annotated[str | None, typer.Option("--encoding", help="Only if it is not UTF-8.")] = None,
    by: ByOption = None,
) -> None:
    """Read a GeoNames country dump (SY.txt), admin1CodesASCII.txt or admin2Codes.txt.

    Example: incidents gazetteer import geonames SY.txt
    """
    with recording(by, f"GeoNames file {file.name}") as session, counting("rows") as progress:
        line = summary(import_geonames(session, file, encoding=encoding, progress=progress))
    typer.echo(line)


@import_app.command("areas")
def areas_command(
    file: FileArgument,
    level: Annotated[PlaceKind, typer.Option("--level", help="What the polygons are: adm1, adm2 ...")],
    name_field: Annotated[str | None, typer.Option("--name-field", help="The property that holds the name.")] = None,
    country: Annotated[str | None, typer.Option("--country", help="ISO code of all of them.")] = None,
    licence: Annotated[str | None, typer.Option("--licence", help="Kept with each of them.")] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Take self-intersecting polygons made valid.")] = False,
    by: ByOption = None,
) -> None:
    """Read boundary polygons from a GeoJSON file.

    Example: incidents gazetteer import areas sy_region.geojson --level adm1
    """
    with recording(by, f"boundaries from {file.name}") as session, counting("polygons") as progress:
        run = import_areas(
            session,
            file,
            level=level,
            name_field=name_field,
            country=country,
            licence=licence,
            repair=repair,
            progress=progress,
        )
        line = summary(run)
    typer.echo(line)


@app.command("info")
def info_command() -> None:
    """Print what the gazetteer holds, by source, country and kind, with the licences.

    Example: incidents gazetteer info
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Source", "Country", "Kind", "Places", "With polygon", "Names", "Licence"):
        table.add_column(title, justify="right" if title in {"Places", "With polygon", "Names"} else "left")
    with reading() as session:
        for row in gazetteer_info(session):
            table.add_row(
                row.source,
                row.country or "",
                row.kind.value,
                f"{row.places:,}",
                f"{row.with_polygon:,}",
                f"{row.names:,}",
                row.licence or "",
            )
    console().print(table)


@place_app.command("find")
def find_command(
    name: Annotated[str, typer.Argument(help='A name, with its governorate after a comma: "Al Jinah, Aleppo".')],
    country: Annotated[str | None, typer.Option("--country", help="ISO code or name.")] = None,
    every: Annotated[
        bool, typer.Option("--list", help="List the candidates of an ambiguous name and end well.")
    ] = False,
) -> None:
    """Look a place up. An ambiguous name lists its candidates and ends with an error; none is picked silently.

    Example: incidents place find "Al Mansurah, Raqqa"
    """
    with reading() as session:
        if not every:
            one_place(session, name, country=country)
        for match in find_places(session, name, country=country):
            typer.echo(match.line())
