"""``incidents place``: where a text says that something is, and what is at a point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.table import Table

from db.cells import visible
from db.errors import InputError
from db.settings import settings
from gazetteer.coordinates import Coordinates, check_against, parse_coordinates
from gazetteer.geodesy import distance_m
from gazetteer.locate import locate
from gazetteer.reverse import Position, distance_words, places_at
from gazetteer.search.answer import Answer, PlaceVerdict
from incidents.cli import match, place_edits
from incidents.cli.answers import (
    answer_features,
    answer_record,
    candidate_record,
    candidate_table,
    headline,
    print_json,
    radius_words,
    surroundings,
    unsettled,
)
from incidents.cli.app import console, reading, the_database
from incidents.cli.groups import AtlasCommand, new_app

if TYPE_CHECKING:
    from gazetteer.sources.online import OnlineAnswer

JsonOption = Annotated[bool, typer.Option("--json", help="Print everything as JSON.")]
_LEVELS = ("country", "governorate", "district", "subdistrict")


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    place = new_app("Ask for places, and correct them.")
    place.command("find", cls=AtlasCommand)(find_command)
    # A longitude west of Greenwich starts as an option does.
    place.command("at", cls=AtlasCommand, context_settings={"ignore_unknown_options": True})(at_command)
    match.register(place)
    place_edits.register(place)
    app.add_typer(place, name="place")


def find_command(
    words: Annotated[
        str,
        typer.Argument(
            metavar="TEXT", help='As a source has it: "Al Jinah, Aleppo", "5 km north of Idlib", coordinates, a key.'
        ),
    ],
    country: Annotated[str | None, typer.Option("--country", metavar="COUNTRY", help="ISO code or name.")] = None,
    admin1: Annotated[
        str | None, typer.Option("--admin1", metavar="NAME", help="The governorate, as the source spells it.")
    ] = None,
    admin2: Annotated[
        str | None, typer.Option("--admin2", metavar="NAME", help="The district, as the source spells it.")
    ] = None,
    near: Annotated[
        list[str] | None,
        typer.Option("--near", metavar="PLACE", help="Another place in the same text, or a point; may be repeated."),
    ] = None,
    language: Annotated[
        str | None, typer.Option("--language", metavar="CODE", help="Show names in this language (ISO 639), if known.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="At most N candidates.")] = 10,
    check: Annotated[
        str | None, typer.Option("--check", metavar="PLACE", help="TEXT is coordinates: see whether they fit PLACE.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--list", help="End well whatever the verdict, and list all candidates.")
    ] = False,
    as_json: JsonOption = False,
    as_geojson: Annotated[bool, typer.Option("--geojson", help="Print answer and candidates as GeoJSON.")] = False,
    online: Annotated[
        str | None,
        typer.Option("--online", metavar="SERVICE", help="If not found: ask nominatim, photon or geonames. It is told "
                     "which place you look into."),
    ] = None,
    user_agent: Annotated[
        str | None, typer.Option("--user-agent", metavar="TEXT", help="For --online: your application and address.")
    ] = None,
    account: Annotated[str | None, typer.Option("--account", metavar="NAME", help="For --online geonames.")] = None,
    service_url: Annotated[
        str | None, typer.Option("--service-url", metavar="URL", help="For --online: a service of your own.")
    ] = None,
) -> None:  # fmt: skip
    """Say where a text is, how sure that is, and what else it could be. Nothing is picked silently.

    The first word is the verdict: sure; coarse, only an area is certain; ambiguous or not found, which end with an
    error. Two bare decimals are latitude, then longitude. A probability is that of lying within 10 km.

    Example: incidents place find "Al Jinah, Aleppo province" --country SY
    """
    if as_json and as_geojson:
        raise InputError("two_formats", "The answer is printed in one format.", fix="Leave out --json or --geojson.")
    with reading() as session:
        ask = partial(locate, session, country=country, admin1=admin1, admin2=admin2)
        answer = ask(words, near=_neighbours(near or []), language=language, limit=limit)
        fits = None if check is None else _fit(ask, words, check)
        within = surroundings(session, answer)
    asked = None
    if online is not None and answer.verdict is PlaceVerdict.NOT_FOUND:
        asked = _asked(online, words, country, language, limit, (user_agent or "", account, service_url))
    error = unsettled(answer)
    if as_geojson:
        print_json(answer_features(answer))
    elif as_json:
        print_json(_record(answer, fits, asked))
    else:
        _print(answer, within, fits, asked, listed=every or error is None)
    error = error if fits is None else error or _misfit(words, fits)
    if error is not None and not every:
        raise error


def _neighbours(texts: Sequence[str]) -> Sequence[str] | tuple[float, float]:
    """The names of --near, or the one point that it is."""
    points = [point for text in texts if (point := parse_coordinates(text, where="--near")) is not None]
    if len(points) == 0:
        return texts
    if len(texts) > 1:
        fix = "Give the names of places, or one point."
        raise InputError("points_and_names", "Of several neighbours none may be coordinates.", where="--near", fix=fix)
    return points[0].lon, points[0].lat


def _record(answer: Answer, fits: dict[str, Any] | None, asked: OnlineAnswer | None) -> dict[str, Any]:
    record = answer_record(answer)
    if fits is not None:
        record["check"] = fits
    if asked is not None:
        found = [candidate_record(one) | {"probability": None} for one in asked.candidates]
        record["online"] = {
            "service": asked.service, "asked_at": asked.asked_at, "licence": asked.licence, "cached": asked.cached,
            "candidates": found,
        }  # fmt: skip
    return record


def _print(
    answer: Answer, within: str, fits: dict[str, Any] | None, asked: OnlineAnswer | None, *, listed: bool
) -> None:
    """The answer, unless an error is to tell it all (``listed`` is False), and what else was asked for."""
    if listed:
        typer.echo(headline(answer, within))
        if len(answer.candidates) > 0:
            console().print(candidate_table(answer.candidates))
        for note in answer.notes:
            typer.echo(visible(f"note: {note}"))
    if fits is not None:
        typer.echo(visible(fits["sentence"]))
    if asked is None:
        return
    when = f"asked {asked.asked_at:%Y-%m-%d %H:%M} UTC" + (", kept since" if asked.cached else "")
    typer.echo(f"Not in the gazetteer. {asked.service.value} ({when}; {asked.licence}) has, without a probability:")
    if len(asked.candidates) == 0:
        typer.echo("nothing")
    else:
        console().print(candidate_table(asked.candidates, probable=False))


def _fit(ask: Callable[[str], Answer], words: str, name: str) -> dict[str, Any]:
    """How coordinates fit a named place: the nearest of its name, where the name has several.

    Raises:
        InputError: ``not_coordinates``; ``unknown_place``, the name is not known.
    """
    point = parse_coordinates(words, where="place text")
    if point is None:
        why = "Only coordinates can be compared with a place."
        raise InputError("not_coordinates", why, got=words, fix="Leave out --check.")
    answer = ask(name)
    places = [(one.name, one.lon, one.lat, one.extent_m) for one in answer.candidates]
    if answer.verdict is PlaceVerdict.COARSE and answer.lon is not None and answer.lat is not None:
        places = [(name, answer.lon, answer.lat, answer.radius_m or 0.0)]
    elif answer.verdict is PlaceVerdict.SURE:
        places = places[:1]
    error = unsettled(answer)
    if len(places) == 0 or (error is not None and answer.verdict is PlaceVerdict.NOT_FOUND):
        raise error or InputError("nothing_to_compare", "This is no place by name.", where="--check", got=name)
    return _compared(point, places)


def _compared(point: Coordinates, places: Sequence[tuple[str, float, float, float]]) -> dict[str, Any]:
    """The comparison with the nearest of some places: name, longitude, latitude and extent in metres of each."""
    away, place = min((distance_m(point.lon, point.lat, one[1], one[2]), one) for one in places)
    found = check_against(point, place[1], place[2], extent_m=place[3])
    among = f", the nearest of {len(places)} places of that name" if len(places) > 1 else ""
    said = [one.sentence for one in found] or ["They agree."]
    return {
        "codes": [one.code for one in found], "place": place[0], "lon": place[1], "lat": place[2],
        "extent_m": place[3], "distance_m": away, "namesakes": len(places),
        "sentence": f"{distance_words(away)} from {place[0]}{among}. {' '.join(said)}",
    }  # fmt: skip


def _misfit(words: str, fits: dict[str, Any]) -> InputError | None:
    """The error of coordinates that do not fit; its code is the last, and so the most exact, of the findings."""
    if len(fits["codes"]) == 0:
        return None
    fix = "Look both up in the source; if both are right, the name or the coordinates mean another place."
    return InputError(fits["codes"][-1], fits["sentence"], where=f"--check {fits['place']}", got=words, fix=fix)


def _asked(
    service: str, words: str, country: str | None, language: str | None, limit: int,
    told: tuple[str, str | None, str | None],
) -> OnlineAnswer:  # fmt: skip
    """What an online service has; ``told`` is user agent, account and the address of a service of one's own."""
    # Not at the top: geopy's services take 0.1 s to import, and few questions go online.
    from gazetteer.sources.online import MOST_RESULTS, OnlineGeocoder

    user_agent, account, url = told
    own = urlsplit(url or "https:")
    geocoder = OnlineGeocoder(
        the_database(), service, user_agent=user_agent, username=account, who=settings().who(),
        domain=own.netloc or None, scheme=own.scheme,
    )  # fmt: skip
    return geocoder.search(words, country=country, language=language, limit=min(limit, MOST_RESULTS))


def at_command(
    where: Annotated[
        list[str],
        typer.Argument(metavar="LON LAT | TEXT", help="Two numbers, longitude first; or coordinates in any notation."),
    ],
    as_json: JsonOption = False,
) -> None:
    """Say what is at a point: country, governorate, district, subdistrict, and the nearest settlement.

    Two numbers apart are longitude and latitude; two in one text, as people write them, latitude and longitude.

    Example: incidents place at 36.802 36.117
    """
    point = _point(where)
    with reading() as session:
        position = places_at(session, point.lon, point.lat)
    if as_json:
        read = {"lon": point.lon, "lat": point.lat, "radius_m": point.radius_m, "notation": point.notation}
        print_json(read | asdict(position))
        return
    typer.echo(f"lon {point.lon:.5f}, lat {point.lat:.5f}; its digits leave {radius_words(point.radius_m)} open")
    console().print(_position_table(position))


def _point(where: Sequence[str]) -> Coordinates:
    """The point that the arguments are.

    Raises:
        InputError: ``not_coordinates``, ``unclear_order``, and those of `parse_coordinates`.
    """
    text = " ".join(where)
    if len(where) == 2 and all(_is_number(part.rstrip(",")) for part in where):
        if where[0].endswith(","):
            why = "With a comma it is not clear which number is the longitude."
            fix = f'Write "{text}" in quotes for latitude first, or without the comma for longitude first.'
            raise InputError("unclear_order", why, where="point", got=text, fix=fix)
        # Well-known text has the longitude first; two bare numbers in one text would be read latitude first.
        text = f"POINT ({text})"
    found = parse_coordinates(text, where="point")
    if found is None:
        fix = "Give LON LAT, or ask for a name: incidents place find"
        raise InputError("not_coordinates", "This is no point.", where="point", got=" ".join(where), fix=fix)
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _position_table(position: Position) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for level in _LEVELS:
        unit = getattr(position, level)
        table.add_row(level, "not known: no boundary that holds it is loaded" if unit is None else visible(unit.name))
    none = "none within 100 km is loaded"
    table.add_row("nearest", none if position.nearest is None else visible(position.nearest.words()))
    return table
