"""One row of UCDP GED, checked: an event, with what a person should look at; or the reason why it is refused.

The rules. Refused are rows whose id, dates, coordinates, counts or codes cannot be used: nothing of them would be
an honest record. Taken and flagged are rows that say something usable which does not fit together:

* ``figure_order``: not low <= best <= high. Each stays the claim that it is.
* ``parts_sum``: the deaths by side, of civilians and of unknown do not add up to best.
* ``deaths_of_no_side``: deaths of side B, which is "Civilians" and no side.
* ``date_precision``: the dates are farther apart, or nearer, than ``date_prec`` says; the coarser one is recorded.
* ``no_adm_name``: ``where_prec`` says district or governorate, and its name is empty.
* ``no_place_name``, ``unknown_country``: those cells are empty or not known here.
* ``articles_unparsed``, ``no_article``, ``article_count``, ``article_date``: see :mod:`.ged_articles`.
* ``no_line_end``: the last row of the file has no line end, so its last cell may have been cut.
* ``note_cut``: the note was too long to keep whole.
* ``edited_here``: a person has changed what the file changes too; the person's edit stands (:mod:`.ged_changes`).

``source_original`` is not taken over: it names private persons and officials as witnesses.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from db.errors import InputError
from db.tables.base import LINE, PARAGRAPH
from db.textfile import LINE_ENDS, Row
from db.vocabulary import EventKind, PrecisionLevel, TimePrecision
from gazetteer.folding import fold
from gazetteer.geometry import check_point
from gazetteer.precision import from_ucdp
from incidents.counts import parse_cell
from incidents.dates import Span, end_before_start, read, refuse_future, zone
from incidents.importers.ged_articles import Article, day_of, read_articles
from incidents.importers.ged_countries import country_code
from incidents.windows import FINEST_FIRST, LONGEST_DAYS, Window

REQUIRED = (
    "id", "type_of_violence", "side_a", "side_b", "number_of_sources", "source_article", "source_office",
    "source_date", "where_prec", "where_coordinates", "adm_1", "adm_2", "latitude", "longitude", "country",
    "date_prec", "date_start", "date_end", "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "low", "best",
    "high",
)  # fmt: skip
"""Columns without which the file is not read."""

KNOWN = frozenset(REQUIRED) | {
    "year", "active_year", "conflict_new_id", "conflict_name", "dyad_new_id", "dyad_name", "side_a_new_id",
    "side_b_new_id", "gwnob", "source_headline", "source_original", "geom_wkt", "priogrid_gid", "country_id",
    "region", "event_clarity",
    # The four more of the file with 45 columns, as humanitarian sites publish it.
    "start_year", "end_year", "gwnoa", "iso3",
    # Those of later versions.
    "relid", "code_status", "conflict_dset_id", "dyad_dset_id", "side_a_dset_id", "side_b_dset_id",
    "where_description",
}  # fmt: skip
"""Columns of GED 19.1, of the file with HXL tags, and of the versions since."""

KINDS = {
    "1": EventKind.STATE_BASED_VIOLENCE,
    "2": EventKind.NON_STATE_VIOLENCE,
    "3": EventKind.ONE_SIDED_VIOLENCE,
}
"""UCDP's ``type_of_violence``."""

PRECISIONS = {
    "1": (TimePrecision.DAY, 1, 1),
    "2": (TimePrecision.DAYS, 2, 6),
    "3": (TimePrecision.WEEK, 2, 7),
    "4": (TimePrecision.MONTH, 2, 31),
    "5": (TimePrecision.YEAR, 2, 366),
}
"""UCDP's ``date_prec``: the precision, and how many days from ``date_start`` to ``date_end`` fit it."""

ZONES = {"SY": "Asia/Damascus", "IQ": "Asia/Baghdad"}
"""The zone of each country that has one and has been checked; the days of others are taken in UTC, which is said."""

CIVILIANS = "Civilians"
"""What UCDP writes for side B of one-sided violence: no organisation."""

WHERE_CODES = ("1", "2", "3", "4", "5", "6", "7")
"""UCDP's ``where_prec``, read by :func:`gazetteer.precision.from_ucdp`."""

Cells: TypeAlias = Mapping[str, str]

NOTED = ("conflict_name", "dyad_name", "event_clarity", "number_of_sources")
_ID = re.compile(r"[1-9][0-9]{0,8}")
_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(?:\.[0-9]+)?")
_MIDNIGHT = re.compile(r" 00:00:00(?:\.0+)?$")


class Figures(NamedTuple):
    """The seven counts of the killed in a row."""

    best: int
    low: int
    high: int
    side_a: int
    side_b: int
    civilians: int
    unknown: int


COUNT_COLUMNS = ("best", "low", "high", "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")
"""The columns of :class:`Figures`, in its order."""


class Flag(NamedTuple):
    """A reason to look at a row, and one sentence."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Event:
    """One event as the file has it; ``line`` and ``raw`` are where and how it stood."""

    key: int
    kind: EventKind
    country: str | None
    country_name: str
    window: Window
    days: str
    lon: float
    lat: float
    where_prec: str
    precision: PrecisionLevel
    place: str
    adm_1: str
    adm_2: str
    figures: Figures
    side_a: str
    side_b: str
    articles: tuple[Article, ...]
    note: str
    flags: tuple[Flag, ...]
    line: int
    raw: str

    @property
    def code(self) -> str:
        """The incident's code."""
        return f"ucdp-{self.key}"

    @property
    def name(self) -> str:
        """Place, dates and UCDP's number: short, and no two alike."""
        place = self.place or self.adm_2 or self.adm_1 or self.country_name or "place not named"
        return f"{place[: LINE // 2]}, {self.days} (UCDP {self.key})"


def is_tag_row(row: Row) -> bool:
    """Whether ``row`` is the row of HXL tags that humanitarian sites put under the header."""
    filled = [cell for cell in row.values.values() if cell.strip()]
    return len(filled) > 0 and all(cell.startswith("#") for cell in filled)


def read_event(row: Row, where: str) -> Event:
    """The event in ``row``.

    Args:
        row: a record of the file.
        where: file and line, for errors.

    Raises:
        InputError: the row is refused: ``bad_id``, ``bad_name`` (of a side), ``unknown_value`` (a code outside its
            list), ``missing_count`` and those of :func:`incidents.counts.parse_cell`, ``not_a_number`` and those of
            :func:`gazetteer.geometry.check_point`, ``bad_date``, ``end_before_start`` and those of
            :func:`incidents.dates.read`.
    """
    cells = {name: cell.strip() for name, cell in row.values.items()}
    key = _key(cells["id"], where)
    kind = KINDS[_one_of(KINDS, "type_of_violence", cells, where)]
    lon, lat = _point(cells, where)
    precision = from_ucdp(int(_one_of(WHERE_CODES, "where_prec", cells, where)))
    figures = Figures(*(_count(cells, column, where) for column in COUNT_COLUMNS))
    country = country_code(cells["country"], cells.get("iso3", ""))
    first, last = (_MIDNIGHT.sub("", cells[column]) for column in ("date_start", "date_end"))
    window, fits = _window(first, last, _one_of(PRECISIONS, "date_prec", cells, where), ZONES.get(country or ""))
    articles = read_articles(cells["source_article"], cells["source_office"], cells["source_date"])
    note = _note(cells, with_articles=articles is None)
    flags = [*_figure_flags(figures, cells), *_cell_flags(cells, country), *_article_flags(cells, articles)]
    if not fits:
        flags.append(Flag("date_precision", f"date_prec {cells['date_prec']}, and the dates are {window.raw}."))
    if not row.raw.endswith(LINE_ENDS):
        flags.append(Flag("no_line_end", "The file ends without a line end: its last cell may have been cut."))
    if len(note) > PARAGRAPH:
        flags.append(Flag("note_cut", f"The note has {len(note)} characters; {PARAGRAPH} were kept."))
    return Event(
        key=key, kind=kind, country=country, country_name=cells["country"], window=window,
        days=first if first == last else f"{first} to {last}", lon=lon, lat=lat, where_prec=cells["where_prec"],
        precision=precision, place=cells["where_coordinates"][:LINE], adm_1=cells["adm_1"], adm_2=cells["adm_2"],
        figures=figures, side_a=_side(cells, "side_a", where), side_b=_side(cells, "side_b", where),
        articles=tuple(articles or ()), note=note[:PARAGRAPH], flags=tuple(flags), line=row.line, raw=row.raw,
    )  # fmt: skip


def _key(text: str, where: str) -> int:
    if not _ID.fullmatch(text):
        raise InputError("bad_id", "An event has a whole number as its id.", where=f"{where}, id", got=text)
    return int(text)


def _one_of(known: Collection[str], column: str, cells: Cells, where: str) -> str:
    """The code in ``column``, which must be one of ``known``."""
    if cells[column] not in known:
        why = f"{column} is one of {', '.join(known)}."
        raise InputError("unknown_value", why, where=f"{where}, {column}", got=cells[column])
    return cells[column]


def _side(cells: Cells, column: str, where: str) -> str:
    """The name of a side, which an organisation can have."""
    if not _is_name(cells[column]):
        why = f"{column} is no name of at most {LINE} characters."
        raise InputError("bad_name", why, where=f"{where}, {column}", got=cells[column])
    return cells[column]


@lru_cache(maxsize=4096)
def _is_name(text: str) -> bool:
    return len(text) <= LINE and fold(text) != ""


def _point(cells: Cells, where: str) -> tuple[float, float]:
    for column in ("longitude", "latitude"):
        if not _DEGREES.fullmatch(cells[column]):
            why = f"{column} is not a number of degrees."
            raise InputError("not_a_number", why, where=f"{where}, {column}", got=cells[column])
    return check_point(float(cells["longitude"]), float(cells["latitude"]), where=where)


def _count(cells: Cells, column: str, where: str) -> int:
    text = cells[column]
    found = int(text) if len(text) < 6 and text.isascii() and text.isdigit() else parse_cell(text, where=column)
    if found is None:
        # Empty is unknown, never zero; and UCDP leaves no count empty, so the row is not whole.
        raise InputError("missing_count", f"{column} is empty.", where=f"{where}, {column}")
    return found


@lru_cache(maxsize=8192)
def _window(first: str, last: str, code: str, tz: str | None) -> tuple[Window, bool]:
    """The window from the day ``first`` to the day ``last``, and whether its length fits ``date_prec`` ``code``.

    UCDP's dates are the earliest and the latest possible, so an event is one moment between them. Where code and
    dates differ the coarser precision is recorded. ``tz`` is None where the country's zone is not known.
    """
    start, end = _day(first, tz), _day(last, tz)
    if end.end < start.start:
        raise end_before_start(f"{first} to {last}")
    length = (end.end - start.start + timedelta(hours=12)).days
    named, least, most = PRECISIONS[code]
    needed = next((unit for unit, longest in LONGEST_DAYS.items() if length <= longest), TimePrecision.YEAR)
    words = f"date_prec {code}: {first if first == last else f'{first} to {last}'}"
    if tz is None:
        words += " (days of UTC: no zone is set for the country)"
    precision = max(named, needed, key=FINEST_FIRST.index)
    window = Window(start=start.start, end=end.end, tz=tz or "UTC", precision=precision, raw=words)
    return window, least <= length <= most


def _day(text: str, tz: str | None) -> Span:
    where = zone(tz or "UTC")
    span = read(text, where)
    if span.unit is not TimePrecision.DAY:
        raise InputError("bad_date", "The date is not a day.", got=text, fix="Write YYYY-MM-DD.")
    refuse_future(span, where, None, text)
    return span


def _note(cells: Cells, *, with_articles: bool) -> str:
    """What the file says beside, one cell a line; of the articles only what could not be split."""
    columns = (*NOTED, "source_article") if with_articles else NOTED
    return "\n".join(f"{column}: {cells[column]}" for column in columns if cells.get(column))


def _figure_flags(figures: Figures, cells: Cells) -> Iterator[Flag]:
    low, best, high = figures.low, figures.best, figures.high
    if not low <= best <= high:
        yield Flag("figure_order", f"low {low}, best {best}, high {high}: each is kept as UCDP has it.")
    parts = figures.side_a + figures.side_b + figures.civilians + figures.unknown
    if parts != best:
        yield Flag("parts_sum", f"The deaths by side, of civilians and of unknown make {parts}, best is {best}.")
    if cells["side_b"] == CIVILIANS and figures.side_b > 0:
        yield Flag("deaths_of_no_side", f"deaths_b is {figures.side_b}, and side_b is no organisation.")


def _cell_flags(cells: Cells, country: str | None) -> Iterator[Flag]:
    needed = {"3": "adm_2", "4": "adm_1"}.get(cells["where_prec"])
    if needed is not None and cells[needed] == "":
        yield Flag("no_adm_name", f"where_prec is {cells['where_prec']}, and {needed} is empty.")
    if cells["where_coordinates"] == "":
        yield Flag("no_place_name", "where_coordinates is empty.")
    if country is None:
        yield Flag("unknown_country", f"No country is known by the name “{cells['country']}”; none is recorded.")


def _article_flags(cells: Cells, articles: list[Article] | None) -> Iterator[Flag]:
    if cells["source_article"] == "":
        yield Flag("no_article", "The row names no source article.")
    elif articles is None:
        yield Flag("articles_unparsed", "source_article is free text; it is kept in the incident's note.")
    else:
        if cells["number_of_sources"] not in {"-1", str(len(articles))}:
            why = f"{len(articles)} articles are listed, number_of_sources is {cells['number_of_sources'] or 'empty'}."
            yield Flag("article_count", why)
        if any(day_of(article.date) is None for article in articles):
            yield Flag("article_date", "The date of an article cannot be read; its report has none.")
