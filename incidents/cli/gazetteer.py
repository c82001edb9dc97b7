"""``incidents gazetteer``: the places that names are looked up in, loaded, read, fetched and learned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from db.cells import visible
from db.errors import InputError, ResourceError
from db.settings import settings
from db.vocabulary import PlaceKind
from gazetteer.holdings import Holdings, holdings
from gazetteer.places import GazetteerCount, gazetteer_info
from gazetteer.sources.areas import import_areas
from gazetteer.sources.embedded import DEFAULT_COUNTRIES, load_embedded
from gazetteer.sources.geonames import import_geonames
from gazetteer.sources.own_csv import import_own_places
from incidents.cli.app import (
    console,
    counting,
    first_instant,
    instant,
    naming,
    read_as,
    reading,
    recording,
    the_database,
)
from incidents.cli.groups import AtlasCommand, new_app
from incidents.cli.options import ByOption
from incidents.cli.text import counted
from incidents.importers.runs import summary
from incidents.learning import Learning, learn_places

if TYPE_CHECKING:
    from gazetteer.sources.fetch import Imported

FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The file to read.")]
EncodingOption = Annotated[str | None, typer.Option("--encoding", metavar="NAME", help="Only if it is not UTF-8.")]
CountryOption = Annotated[
    str | None, typer.Option("--country", metavar="CODE", help="ISO code of all that do not say theirs.")
]
LicenceOption = Annotated[str | None, typer.Option("--licence", metavar="TEXT", help="Kept with each place.")]
RepairOption = Annotated[bool, typer.Option("--repair", help="Take self-intersecting polygons made valid.")]
JSON_FILES = frozenset({".json", ".geojson"})
LANGUAGES = 8  # listed by name; the others are one sum


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    gazetteer = new_app("The places that names are looked up in.")
    gazetteer.command("load", cls=AtlasCommand)(load_command)
    reader = new_app("Read place names or boundaries from a file. Reading again adds nothing.")
    reader.command("geonames", cls=AtlasCommand)(geonames_command)
    reader.command("names", cls=AtlasCommand)(names_command)
    reader.command("areas", cls=AtlasCommand)(areas_command)
    reader.command("wof", cls=AtlasCommand)(wof_command)
    reader.command("places", cls=AtlasCommand)(places_command)
    gazetteer.add_typer(reader, name="import")
    gazetteer.command("fetch", cls=AtlasCommand)(fetch_command)
    gazetteer.command("learn", cls=AtlasCommand)(learn_command)
    gazetteer.command("info", cls=AtlasCommand)(info_command)
    app.add_typer(gazetteer, name="gazetteer")


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


def geonames_command(file: FileArgument, encoding: EncodingOption = None, by: ByOption = None) -> None:
    """Read a GeoNames country dump (SY.txt), admin1CodesASCII.txt or admin2Codes.txt, unpacked.

    Example: incidents gazetteer import geonames SY.txt
    """
    with recording(by, f"GeoNames file {file.name}") as session, counting("rows") as progress:
        line = summary(import_geonames(session, file, encoding=encoding, progress=progress)) + read_as(file, encoding)
    typer.echo(line)


def names_command(file: FileArgument, encoding: EncodingOption = None, by: ByOption = None) -> None:
    """Read GeoNames' alternate names: other names, with language and kind, of places that are here.

    The file is alternateNamesV2.txt or a country's part of it, unpacked. Import the country's dump first.

    Example: incidents gazetteer import names alternateNamesV2.txt
    """
    with recording(by, f"GeoNames names {file.name}") as session, counting("rows") as progress:
        run = import_geonames(session, file, encoding=encoding, progress=progress)
        if run.file_format != "geonames_names":
            fix = "Read it with: incidents gazetteer import geonames"
            raise InputError("not_names", "This GeoNames file has no alternate names.", where=file.name, fix=fix)
        line = summary(run) + read_as(file, encoding)
    typer.echo(line)


def areas_command(
    file: FileArgument,
    level: Annotated[
        PlaceKind | None,
        typer.Option("--level", help="What the polygons are: adm1, adm2 ... Default: what each says of itself."),
    ] = None,
    name_field: Annotated[
        str | None, typer.Option("--name-field", metavar="NAME", help="The property with the name. Default: the usual.")
    ] = None,
    code_field: Annotated[
        str | None, typer.Option("--code-field", metavar="NAME", help="The property with the code (P-code).")
    ] = None,
    layer: Annotated[str | None, typer.Option("--layer", metavar="NAME", help="Of a file with several layers.")] = None,
    country: CountryOption = None,
    licence: LicenceOption = None,
    repair: RepairOption = False,
    encoding: Annotated[
        str | None, typer.Option("--encoding", metavar="NAME", help="Of a shapefile that does not say it.")
    ] = None,
    by: ByOption = None,
) -> None:
    """Read boundary polygons from GeoJSON, a GeoPackage, a shapefile (zipped or not), FlatGeobuf or a .gdb folder.

    Example: incidents gazetteer import areas sy_region.geojson --level adm1
    """
    with recording(by, f"boundaries from {file.name}") as session, counting("polygons") as progress:
        run = import_areas(
            session, file, level=level, name_field=name_field, code_field=code_field, country=country, licence=licence,
            repair=repair, layer=layer, encoding=encoding, progress=progress,
        )  # fmt: skip
        line = summary(run) + (read_as(file) if file.suffix.lower() in JSON_FILES else "")
    typer.echo(line)


def wof_command(
    file: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A country's data, unpacked or zipped: a file a place.")
    ],
    level: Annotated[PlaceKind | None, typer.Option("--level", help="Only places of this level.")] = None,
    country: CountryOption = None,
    licence: Annotated[
        str, typer.Option("--licence", metavar="TEXT", help="Kept with each place.")
    ] = "Who's On First, https://whosonfirst.org/docs/licenses",
    repair: RepairOption = False,
    by: ByOption = None,
) -> None:
    """Read the units and places of Who's On First, those in force, with their names in all languages.

    Example: incidents gazetteer import wof whosonfirst-data-admin-sy --country SY
    """
    with recording(by, f"Who's On First from {file.name}") as session, counting("places") as progress:
        run = import_areas(
            session, file, level=level, country=country, licence=licence, repair=repair, progress=progress
        )
        line = summary(run)
    typer.echo(line)


def places_command(
    file: FileArgument,
    source: Annotated[
        str, typer.Option("--source", metavar="NAME", help="What to call it, a to z only; keys begin so: ocha:C1000.")
    ],
    licence: Annotated[str, typer.Option("--licence", metavar="TEXT", help="Its licence and whom to name.")],
    country: CountryOption = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="OURS=THEIRS", help="Another name of a column; may be repeated."),
    ] = None,
    kind: Annotated[PlaceKind | None, typer.Option("--kind", help="What the places are that do not say it.")] = None,
    encoding: EncodingOption = None,
    by: ByOption = None,
) -> None:
    """Read your own table of places: name, lon and lat, and what more it has (names, codes, kind, governorate).

    Example: incidents gazetteer import places quarters.csv --source ocha --licence "CC BY-IGO, OCHA" --country SY
    --kind neighbourhood --column name=QUARTER
    """
    with recording(by, f"places from {file.name}") as session, counting("rows") as progress:
        run = import_own_places(
            session, file, source_name=source, licence=licence, country=country, columns=_columns(column or []),
            kind=kind, encoding=encoding, progress=progress,
        )  # fmt: skip
        line = summary(run) + read_as(file, encoding)
    typer.echo(line)


def _columns(pairs: list[str]) -> dict[str, str]:
    """Their column name for each of ours, from ``OURS=THEIRS``."""
    found = {}
    for pair in pairs:
        ours, equals, theirs = pair.partition("=")
        if "" in (ours, equals, theirs):
            fix = "For example: --column name=QUARTER"
            raise InputError("bad_column", "A column is written OURS=THEIRS.", where="--column", got=pair, fix=fix)
        found[ours] = theirs
    return found


def fetch_command(
    countries: Annotated[list[str], typer.Argument(metavar="CODE", help="ISO codes of countries.")],
    folder: Annotated[
        Path, typer.Option("--folder", metavar="FOLDER", help="Where the files are kept, and looked for again.")
    ] = Path("gazetteer-files"),
    simplified: Annotated[bool, typer.Option("--simplified", help="Take polygons with fewer corners.")] = False,
    geonames_url: Annotated[
        str | None, typer.Option("--geonames-url", metavar="URL", help="A mirror of GeoNames' export/dump.")
    ] = None,
    geoboundaries_url: Annotated[
        str | None, typer.Option("--geoboundaries-url", metavar="URL", help="A mirror of geoBoundaries' gbOpen.")
    ] = None,
    by: ByOption = None,
) -> None:
    """Download what GeoNames and geoBoundaries publish of countries, and read it: places, names, codes, boundaries.

    What is here and has not changed is not sent again; what does not come is told, and the rest is read.

    Example: incidents gazetteer fetch SY IQ
    """
    # Not at the top: the downloader takes 0.1 s to import, and the other commands do without.
    from gazetteer.sources.fetch import BASE_URLS, BaseUrls, fetch_and_import

    urls = BaseUrls(geonames_url or BASE_URLS.geonames, geoboundaries_url or BASE_URLS.geoboundaries)
    with naming() as progress:
        done = fetch_and_import(
            the_database(), countries, folder=folder, who=by or settings().who(), progress=progress, base_urls=urls,
            simplified=simplified,
        )  # fmt: skip
    for one in done:
        typer.echo(visible(_fetched_line(one)))
    failed = [one for one in done if one.error is not None and one.error.code != "not_published"]
    if len(failed) > 0:
        why = f"{len(failed)} of {counted(len(done), 'file')} could not be had or read; the others are in."
        fix = "Run it again: what came is not sent again."
        raise ResourceError("fetch_incomplete", why, got=", ".join(one.fetched.name for one in failed), fix=fix)


def _fetched_line(one: Imported) -> str:
    if one.run is None:
        return f"{one.fetched.name}: {one.error or 'nothing came'}"
    return f"{one.fetched.name} ({one.fetched.outcome}; {one.fetched.licence}): {summary(one.run)}"


def learn_command(
    source: Annotated[
        str | None, typer.Option("--source", metavar="ORGANISATION", help="Only the places of this source.")
    ] = None,
    after: Annotated[
        str | None, typer.Option("--after", metavar="DATE", help="Only incidents that began after this day (UTC).")
    ] = None,
    before: Annotated[
        str | None, typer.Option("--before", metavar="DATE", help="Only incidents that ended before this day (UTC).")
    ] = None,
    by: ByOption = None,
) -> None:
    """Learn from the recorded incidents: where sources put a place is where its name is looked for from then on.

    Only places known to a settlement, or near one, that anybody may see. Doing it again changes nothing.

    Example: incidents gazetteer learn --before 2018-01-01
    """
    with recording(by, "learned from the recorded incidents") as session, counting("places") as progress:
        learned = learn_places(
            session, source=source, after=instant(after), before=first_instant(before), progress=progress
        )
    for line in _learned_lines(learned):
        typer.echo(visible(line))


def _learned_lines(learned: Learning) -> list[str]:
    counts = learned.counts
    lines = [
        f"learned from {counted(counts.read, 'place')}: {counts.named:,} gave or confirmed a name, {counts.placed:,} "
        f"added a place, {counts.known:,} said nothing new, {counts.skipped:,} name no place of their own, "
        f"{counts.rejected:,} rejected"
    ]
    lines += [f"  rejected, number {number + 1}: {error}" for number, error in counts.errors]
    if learned.kept_back > 0:
        lines.append(f"{counted(learned.kept_back, 'place')} left out that not everybody may see as they are")
    if learned.untimed > 0:
        lines.append(f"{counted(learned.untimed, 'place')} left out whose incident has no time")
    return lines


def info_command() -> None:
    """Print what the gazetteer holds: by source, country and kind with the licences, then the totals of names.

    Example: incidents gazetteer info
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("Source", "Country", "Kind", "Places", "With polygon", "Names", "Licence"):
        table.add_column(title, justify="right" if title in {"Places", "With polygon", "Names"} else "left")
    with reading() as session:
        for row in _without_bare_countries(gazetteer_info(session)):
            table.add_row(
                row.source, row.country or "", row.kind.value, f"{row.places:,}", f"{row.with_polygon:,}",
                f"{row.names:,}", row.licence or "",
            )  # fmt: skip
        lines = _total_lines(holdings(session))
    if table.row_count == 0:
        typer.echo("The gazetteer is empty. To fill it: incidents gazetteer load")
        return
    console().print(table)
    for line in lines:
        typer.echo(line)


def _without_bare_countries(rows: Iterable[GazetteerCount]) -> list[GazetteerCount]:
    """The rows with those of countries without a polygon summed up: the product brings 246, which hide the rest."""
    found, bare = [], dict[tuple[str, str | None], list[GazetteerCount]]()
    for row in rows:
        if row.kind is PlaceKind.COUNTRY and row.with_polygon == 0:
            bare.setdefault((row.source, row.licence), []).append(row)
        else:
            found.append(row)
    sums = [
        replace(held[0], country=held[0].country if len(held) == 1 else f"{len(held)} of them",
                places=sum(row.places for row in held), names=sum(row.names for row in held))
        for held in bare.values()
    ]  # fmt: skip
    return sorted(found + sums, key=lambda row: (row.source, row.kind is not PlaceKind.COUNTRY, row.country or ""))


def _total_lines(held: Holdings) -> list[str]:
    first = dict(list(held.languages.items())[:LANGUAGES])
    rest = sum(held.languages.values()) - sum(first.values())
    languages = {code or "not known": count for code, count in first.items()} | ({"others": rest} if rest > 0 else {})
    return [
        f"names by kind: {_listed(held.names.items())}",
        f"names by language: {_listed(languages.items())}",
        f"places: {held.corrected:,} corrected by hand, {held.withdrawn:,} withdrawn; "
        f"names: {held.names_withdrawn:,} withdrawn; answers of online services kept: {held.service_answers:,}",
    ]


def _listed(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts) or "none"
