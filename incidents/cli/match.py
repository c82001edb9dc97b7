"""``incidents place match``: the places of a person's own table, and the choices a person makes for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from sqlmodel import Session, select

from db.cells import visible
from db.encoding import encoding_of
from db.errors import InputError
from db.settings import settings
from db.tables import Place
from gazetteer.attested import AttestCounts
from gazetteer.matching import (
    ERROR,
    Found,
    MatchCounts,
    Matcher,
    MatchTable,
    Spot,
    Tally,
    chosen,
    found_of_choices,
    learn,
    match_table,
    open_match,
    read_choices,
)
from gazetteer.search.answer import PlaceVerdict
from gazetteer.search.context import country_of_text
from gazetteer.search.index import memory_of
from incidents.cli.app import counting, reading, recording
from incidents.cli.groups import AtlasCommand
from incidents.cli.options import ByOption
from incidents.cli.text import counted
from incidents.exports.output import STANDARD_OUTPUT, atomic_output

SHOWN_LINES = 5


def register(place: typer.Typer) -> None:
    """Add the command to the group ``place``."""
    place.command("match", cls=AtlasCommand)(match_command)


def match_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV file with a header.")],
    name: Annotated[
        str | None, typer.Option("--name-column", metavar="NAME", help="Holds the place: a name, phrase, coordinates.")
    ] = None,
    admin1: Annotated[
        str | None, typer.Option("--admin1-column", metavar="NAME", help='Holds the governorate; "" for none.')
    ] = None,
    admin2: Annotated[
        str | None, typer.Option("--admin2-column", metavar="NAME", help='Holds the district; "" for none.')
    ] = None,
    country_column: Annotated[
        str | None, typer.Option("--country-column", metavar="NAME", help='Holds the country; "" for none.')
    ] = None,
    country: Annotated[
        str | None, typer.Option("--country", metavar="COUNTRY", help="ISO code or name, of rows that say none.")
    ] = None,
    lon: Annotated[
        str | None, typer.Option("--lon-column", metavar="NAME", help='Own longitude, to be compared; "" for none.')
    ] = None,
    lat: Annotated[
        str | None, typer.Option("--lat-column", metavar="NAME", help='Own latitude, to be compared; "" for none.')
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="The copy with our columns; - is standard output.")
    ] = Path(STANDARD_OUTPUT),
    review: Annotated[
        Path | None, typer.Option("--review", metavar="FILE", help="Where to write what a person has to decide.")
    ] = None,
    choices: Annotated[
        Path | None, typer.Option("--choices", metavar="FILE", help="A review file with the column choice filled.")
    ] = None,
    prefix: Annotated[str, typer.Option("--prefix", metavar="TEXT", help="Begins our columns.")] = "match_",
    encoding: Annotated[str | None, typer.Option("--encoding", metavar="NAME", help="Only if it is not UTF-8.")] = None,
    delimiter: Annotated[
        str | None, typer.Option("--delimiter", metavar="SIGN", help="If it is not a comma, semicolon or tab.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=20, help="Most candidates of a row.")] = 3,
    by: ByOption = None,
) -> None:
    """Add to each row of a table where its place is, how sure that is, and what else it could be.

    The columns and rows of the table stay as they are. A name that is not sure gets candidates and no point. Columns
    with usual names are recognised. Fill the column choice of a review file and give it with --choices: the rows get
    those places, and the names are known from then on.

    Example: incidents place match strikes.csv --name-column town --admin1-column province --country SY
    --output placed.csv --review review.csv
    """
    check_files(file, output, review, choices)
    given = {"name": name, "admin1": admin1, "admin2": admin2, "country": country_column, "lon": lon, "lat": lat}
    if country is not None and country_column is None:
        given["country"] = ""
    named = {field: column for field, column in given.items() if column is not None}
    table = open_match(file, named, prefix=prefix, encoding=encoding, delimiter=delimiter, country=country or "")
    with reading() as session:
        check_gazetteer(session, country)
    _say(*_told(table, encoding))
    decided = {} if choices is None else _decided(choices, table, by or settings().who())
    _say(*_matched(table, decided, output=output, review=review, limit=limit))


def check_files(file: Path, *others: Path | None) -> None:
    """Refuse to write over a file that is read, or two results into one.

    Args:
        file: the table.
        others: what is written to, or read besides; None and standard output do not count.

    Raises:
        InputError: ``same_file``.
    """
    names = [file, *(other for other in others if other is not None)]
    seen: set[Path] = set()
    for name in names:
        path = name if str(name) == STANDARD_OUTPUT else name.resolve()
        if path in seen:
            raise InputError("same_file", "One file is named twice.", got=str(name), fix="Give each its own name.")
        seen.add(path)


def check_gazetteer(session: Session, country: str | None) -> None:
    """Refuse to look anything up where nothing can be found.

    Args:
        session: an open session.
        country: as given with ``--country``.

    Raises:
        InputError: ``empty_gazetteer``, ``unknown_country``.
    """
    if session.exec(select(Place.id).limit(1)).first() is None:
        fix = "Load it: incidents gazetteer load"
        raise InputError("empty_gazetteer", "The gazetteer holds no places yet.", fix=fix)
    if country is not None and country_of_text(session, memory_of(session), country) is None:
        fix = "Give the ISO code or name of a country that is loaded: incidents gazetteer info"
        raise InputError("unknown_country", "The gazetteer has no such country.", got=country, fix=fix)


def _told(table: MatchTable, encoding: str | None) -> Iterator[str]:
    """How the file is read, where nobody said it."""
    said = table.columns.said()
    if said:
        yield f"{table.name}: recognised {said}"
    read = encoding_of(table.table.path, encoding)
    if read != "utf-8":
        yield f"{table.name}: read as {read}; the copy is UTF-8"


def _decided(path: Path, table: MatchTable, who: str) -> dict[Spot, Found]:
    """The choices of a review file, each made a name of its place."""
    lines = read_choices(path)
    with reading() as session:
        places = chosen(session, lines)
    if len(places) > 0:
        with recording(who, f"places chosen for {table.name} in {path.name}") as session:
            _say(_learnt(path, len(places), learn(session, places, file=table.name)))
    else:
        _say(f"{path.name}: the column choice is empty")
    return found_of_choices(places, who)


def _learnt(path: Path, lines: int, counts: AttestCounts) -> str:
    """What became of the choices; a text that names no place of its own teaches nothing."""
    taught = f"{counts.named:,} new as names, {counts.known:,} known already"
    left = lines - counts.named - counts.known
    more = f", {left:,} that name no place of their own" if left > 0 else ""
    wrong = "".join(f"; {error.why}" for _, error in counts.errors[:SHOWN_LINES])
    return f"{path.name}: {counted(lines, 'choice')}, {taught}{more}{wrong}"


def _matched(
    table: MatchTable, decided: Mapping[Spot, Found], *, output: Path, review: Path | None, limit: int
) -> Iterator[str]:
    """Write the copy and the review; the lines that sum it up."""
    asked, start = 0, perf_counter()
    with reading() as session, Tally() as tally, counting("rows") as progress:
        matcher = Matcher(session, limit=limit, choices=decided)
        with ExitStack() as files:
            stream = files.enter_context(atomic_output(output))
            # Opened first, so that a folder that is not there is told before the work and not after it.
            open_review = None if review is None else files.enter_context(atomic_output(review))
            counts = match_table(table, stream, matcher, tally, progress=progress)
            if open_review is not None:
                asked = tally.write(open_review)
    yield from summary(counts, perf_counter() - start)
    if matcher.unused_choices() > 0:
        yield f"{counted(matcher.unused_choices(), 'choice')} for texts that {table.name} does not have"
    if review is not None:
        yield f"{review}: {counted(asked, 'text')} to decide; fill the column choice and give it with --choices"


def summary(counts: MatchCounts, seconds: float) -> Iterator[str]:
    """What became of a table, in lines.

    Args:
        counts: from `gazetteer.matching.match_table`.
        seconds: that it took.
    """
    words = (*PlaceVerdict, ERROR)
    verdicts = ", ".join(f"{counts.verdicts[word]:,} {word.replace('_', ' ')}" for word in words)
    rate = counts.rows / max(seconds, 1e-6)
    yield f"{counted(counts.rows, 'row')}: {verdicts}"
    yield f"{counted(counts.distinct, 'distinct text')}; {rate:,.0f} rows a second"
    if counts.chosen > 0:
        yield f"{counted(counts.chosen, 'row')} placed by choice"
    if counts.compared + counts.bad_coordinates > 0:
        yield (
            f"own coordinates: {counts.compared:,} compared, {counts.far:,} far from the name,"
            f" {counts.swapped:,} of them maybe swapped; {counts.bad_coordinates:,} cannot be read"
        )
    if len(counts.unreadable) > 0:
        shown = ", ".join(map(str, counts.unreadable[:SHOWN_LINES]))
        more = " ..." if len(counts.unreadable) > SHOWN_LINES else ""
        yield f"no rows of the table, kept with the reason: line {shown}{more}"
    if counts.formulas > 0:
        yield f"{counted(counts.formulas, 'row')} with a cell that a spreadsheet takes for a formula, kept as it is"
    if counts.unterminated:
        yield "the last row has no line end: the file may have been cut off"


def _say(*lines: str) -> None:
    """Print what is no part of the table, which standard output may carry."""
    for line in lines:
        typer.echo(visible(line), err=True)
