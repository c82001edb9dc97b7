"""``incidents place add`` and the like: places and names as people add, correct, withdraw and confirm them."""

from __future__ import annotations

from typing import Annotated

import typer

from db.cells import visible
from db.errors import InputError
from db.tables import Place
from db.vocabulary import NameKind, PlaceKind
from gazetteer.attested import attest
from gazetteer.corrections import (
    add_name,
    add_place,
    correct_place,
    place_by_key,
    restore_place,
    withdraw_name,
    withdraw_place,
)
from gazetteer.inputs import PlaceInput, checked
from gazetteer.points import parse_distance
from gazetteer.search.phrases import Relation, parse_phrase
from incidents.cli.app import given, recording
from incidents.cli.groups import AtlasCommand, new_app
from incidents.cli.options import ByOption, VersionOption, WhyOption

KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="source:key, as `incidents place find` shows it.")]
NewNameArgument = Annotated[str, typer.Argument(metavar="NAME", help="As it is written, in any script.")]
LonOption = Annotated[float | None, typer.Option("--lon", metavar="DEGREES", help="Longitude; with --lat.")]
LatOption = Annotated[float | None, typer.Option("--lat", metavar="DEGREES", help="Latitude; with --lon.")]
Admin1Option = Annotated[str | None, typer.Option("--admin1", metavar="NAME", help="Governorate: name or code.")]
Admin2Option = Annotated[str | None, typer.Option("--admin2", metavar="NAME", help="District: name or code.")]
ExtentOption = Annotated[
    str | None, typer.Option("--radius", metavar="DISTANCE", help="How far it reaches from its point: 500m, 2km.")
]
PeopleOption = Annotated[int | None, typer.Option("--population", metavar="N", min=0, help="Its people.")]


def register(place: typer.Typer) -> None:
    """Add the commands to the group ``place``."""
    place.command("add", cls=AtlasCommand)(add_command)
    place.command("correct", cls=AtlasCommand)(correct_command)
    place.command("withdraw", cls=AtlasCommand)(withdraw_command)
    place.command("restore", cls=AtlasCommand)(restore_command)
    place.command("confirm", cls=AtlasCommand)(confirm_command)
    name = new_app("The names of a place.")
    name.command("add", cls=AtlasCommand)(name_add_command)
    name.command("withdraw", cls=AtlasCommand)(name_withdraw_command)
    place.add_typer(name, name="name")


def _line(place: Place, done: str) -> str:
    where = f"lon {place.lon:.5f}, lat {place.lat:.5f}"
    return visible(f"{place.source}:{place.source_key}: {done} ({place.name}, {place.kind.value}, {where})")


def add_command(
    name: NewNameArgument,
    lon: Annotated[float, typer.Option("--lon", metavar="DEGREES", help="Longitude.")],
    lat: Annotated[float, typer.Option("--lat", metavar="DEGREES", help="Latitude.")],
    why: WhyOption,
    kind: Annotated[PlaceKind, typer.Option("--kind", help="What it is.")] = PlaceKind.SETTLEMENT,
    alias: Annotated[
        list[str] | None, typer.Option("--alias", metavar="NAME", help="Another name, in any script; may be repeated.")
    ] = None,
    code: Annotated[
        list[str] | None, typer.Option("--code", metavar="CODE", help="An official code (P-code); may be repeated.")
    ] = None,
    country: Annotated[str | None, typer.Option("--country", metavar="CODE", help="ISO code of two letters.")] = None,
    admin1: Admin1Option = None,
    admin2: Admin2Option = None,
    radius: ExtentOption = None,
    population: PeopleOption = None,
    licence: Annotated[
        str | None, typer.Option("--licence", metavar="TEXT", help="Of the work it is taken from, if it has one.")
    ] = None,
    by: ByOption = None,
) -> None:
    """Add a place that no source has. It is found from then on, and no import changes it.

    Example: incidents place add "Camp Roj" --lon 42.0797 --lat 37.0258 --kind other --country SY
    --why "not in GeoNames; read off a satellite image"
    """
    data = given(
        name=name, lon=lon, lat=lat, kind=kind, names=alias, codes=code, country=country, admin1=admin1, admin2=admin2,
        radius_m=None if radius is None else parse_distance(radius), population=population, licence=licence,
    )  # fmt: skip
    with recording(by, why) as session:
        line = _line(add_place(session, checked(PlaceInput, data)), "added")
    typer.echo(line)


def correct_command(
    key: KeyArgument,
    why: WhyOption,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="The main name; the old one stays findable.")
    ] = None,
    lon: LonOption = None,
    lat: LatOption = None,
    kind: Annotated[PlaceKind | None, typer.Option("--kind", help="What it is.")] = None,
    radius: ExtentOption = None,
    admin1: Admin1Option = None,
    admin2: Admin2Option = None,
    population: PeopleOption = None,
    version: VersionOption = None,
    by: ByOption = None,
) -> None:
    """Correct a place. Imports leave it alone from then on; what it was stays in the journal.

    Example: incidents place correct recorded:173695 --radius 1500m --why "the built-up area, from imagery"
    """
    radius_m = None if radius is None else parse_distance(radius)
    with recording(by, why) as session:
        place = correct_place(
            session, key, name=name, lon=lon, lat=lat, kind=kind, radius_m=radius_m, admin1=admin1, admin2=admin2,
            population=population, expected_version=version,
        )  # fmt: skip
        line = _line(place, f"corrected, now at version {place.version}")
    typer.echo(line)


def withdraw_command(key: KeyArgument, why: WhyOption, version: VersionOption = None, by: ByOption = None) -> None:
    """Withdraw an entry that is no place, or is there twice: it answers to nothing, and no import brings it back.

    Example: incidents place withdraw recorded:173695 --why "it is there twice"
    """
    with recording(by, why) as session:
        line = _line(withdraw_place(session, key, expected_version=version), "withdrawn")
    typer.echo(line)


def restore_command(key: KeyArgument, why: WhyOption, version: VersionOption = None, by: ByOption = None) -> None:
    """Take an entry that was withdrawn back in.

    Example: incidents place restore recorded:173695 --why "it was not there twice"
    """
    with recording(by, why) as session:
        line = _line(restore_place(session, key, expected_version=version), "restored")
    typer.echo(line)


def confirm_command(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The place as a source writes it.")],
    key: KeyArgument,
    source: Annotated[str, typer.Option("--source", metavar="TEXT", help="Where it was read; kept with the name.")],
    admin1: Annotated[
        str | None, typer.Option("--admin1", metavar="NAME", help="The governorate, as the source spells it.")
    ] = None,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason.")] = "a person confirmed the place",
    by: ByOption = None,
) -> None:
    """Confirm that a text means a place: it becomes a name of it, and the place is found by it from then on.

    Example: incidents place confirm "Jeeneh" recorded:173695 --source "a witness's letter"
    """
    _check_names_itself(text)
    with recording(by, why) as session:
        meant = place_by_key(session, key)
        place = attest(
            session, text, lon=meant.lon, lat=meant.lat, source=source, country=meant.country, admin1=admin1,
            place_key=key,
        )  # fmt: skip
        line = _line(place, f"is what {text!r} means")
    typer.echo(line)


def _check_names_itself(text: str) -> None:
    """Refuse "5 km north of Idlib": what it names, Idlib, is another place than the one it means.

    Raises:
        InputError: ``names_no_place``.
    """
    read = parse_phrase(text)
    if read.relation in (Relation.AT, Relation.PART, Relation.RURAL) or read.landmark != "":
        return
    why = "The text says where the place is from another one, and gives it no name."
    raise InputError("names_no_place", why, where="TEXT", got=text, fix="Confirm a text that names the place itself.")


def name_add_command(
    key: KeyArgument,
    name: NewNameArgument,
    why: WhyOption,
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help="ISO 639 code: ar, en, ku.")
    ] = None,
    kind: Annotated[NameKind, typer.Option("--kind", help="What it is to the place.")] = NameKind.NAME,
    source: Annotated[
        str | None, typer.Option("--source", metavar="TEXT", help="Who says so, or where it was read.")
    ] = None,
    by: ByOption = None,
) -> None:
    """Give a place another name, or say language and kind of one it has. A withdrawn name comes back.

    Example: incidents place name add recorded:173695 "Djina" --language fr --why "so on French maps"
    """
    with recording(by, why) as session:
        row = add_name(session, key, name, language=language, kind=kind, source=source)
        line = visible(f"{key}: called {row.name!r} too ({row.kind.value}, language {row.language or 'not known'})")
    typer.echo(line)


def name_withdraw_command(
    key: KeyArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name that it does not have, as it is stored.")],
    why: WhyOption,
    version: VersionOption = None,
    by: ByOption = None,
) -> None:
    """Withdraw a name that a place does not have. Imports do not bring it back.

    Example: incidents place name withdraw recorded:173695 "Al Jeineh" --why "another village"
    """
    with recording(by, why) as session:
        row = withdraw_name(session, key, name, expected_version=version)
        line = visible(f"{key}: no longer called {row.name!r}")
    typer.echo(line)
