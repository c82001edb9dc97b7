"""``incidents gazetteer`` and ``incidents place``: the place names that are known, and asking for one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from db.cells import visible
from db.vocabulary import PlaceKind
from gazetteer.places import find_places, gazetteer_info, one_place
from gazetteer.sources.areas import import_areas
from gazetteer.sources.embedded import DEFAULT_COUNTRIES, load_embedded
from gazetteer.sources.geonames import import_geonames
from incidents.cli.app import console, counting, read_as, reading, recording
from incidents.cli.groups import AtlasCommand, new_app
from incidents.cli.options import ByOption
from incidents.importers.runs import summary

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The file to read.")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    gazetteer = new_app("The places that names are looked up in.")
    gazetteer.command("load", cls=AtlasCommand)(load_command)
    reader = new_app("Read place names or boundaries from a file. Reading again adds nothing.")
    reader.command("geonames", cls=AtlasCommand)(geonames_command)
    reader.command("areas", cls=AtlasCommand)(areas_command)
    gazetteer.add_typer(reader, name="import")
    gazetteer.command("info", cls=AtlasCommand)(info_command)
    place = new_app("Ask for a place by its name.")
    place.command("find", cls=AtlasCommand)(find_command)
    app.add_typer(gazetteer, name="gazetteer")
    app.add_typer(place, name="place")


def load_command(
    country: Annotated[
        list[str] | None, typer.Option("--country", metavar="CODE", help="ISO code; may be repeated. Default SY, IQ.")
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
    typer.echo("gazetteer: " + ", ".join(f"{count:,} {name}" for name, count in counts.items()))


def geonames_command(
    file: FileArgument,
    encoding: Annotated[str | None, typer.Option("--encoding", metavar="NAME", help="Only if it is not UTF-8.")] = None,
    by: ByOption = None,
) -> None:
    """Read a GeoNames country dump (SY.txt), admin1CodesASCII.txt or admin2Codes.txt.

    Example: incidents gazetteer import geonames SY.txt
    """
    with recording(by, f"GeoNames file {file.name}") as session, counting("rows") as progress:
        line = summary(import_geonames(session, file, encoding=encoding, progress=progress)) + read_as(file, encoding)
    typer.echo(line)


def areas_command(
    file: FileArgument,
    level: Annotated[PlaceKind, typer.Option("--level", help="What the polygons are: adm1, adm2 ...")],
    name_field: Annotated[
        str | None, typer.Option("--name-field", metavar="NAME", help="The property that holds the name.")
    ] = None,
    country: Annotated[str | None, typer.Option("--country", metavar="CODE", help="ISO code of all of them.")] = None,
    licence: Annotated[str | None, typer.Option("--licence", metavar="TEXT", help="Kept with each of them.")] = None,
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
        line = summary(run) + read_as(file)
    typer.echo(line)


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


def find_command(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help='A name, with its governorate after a comma: "Al Jinah, Aleppo".')
    ],
    country: Annotated[str | None, typer.Option("--country", metavar="COUNTRY", help="ISO code or name.")] = None,
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
            typer.echo(visible(match.line()))
