"""The columns of our CSV files: what each holds, and whether an import reads it back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from db.vocabulary import Category, Outcome


class Role(StrEnum):
    """What becomes of a column in an import.

    ``carried`` is read back, ``derived`` is worked out from other records and left alone, ``template`` is read
    where a person fills it and never written.
    """

    CARRIED = "carried"
    DERIVED = "derived"
    TEMPLATE = "template"


@dataclass(frozen=True)
class Column:
    """A column; cells of ``text`` columns are neutralised against being taken for formulas."""

    name: str
    role: Role
    about: str
    text: bool = True
    required: bool = False


RANGED = (
    (Outcome.KILLED, Category.TOTAL_PEOPLE),
    (Outcome.KILLED, Category.CIVILIAN),
    (Outcome.KILLED, Category.CHILD),
    (Outcome.KILLED, Category.WOMAN),
    (Outcome.KILLED, Category.MAN),
    (Outcome.KILLED, Category.COMBATANT),
    (Outcome.KILLED, Category.UNDETERMINED_STATUS),
    (Outcome.INJURED, Category.TOTAL_PEOPLE),
    (Outcome.INJURED, Category.CIVILIAN),
)
"""What the flat file has a range for; every other count is in the claims file."""

RANGE_PARTS = {
    "low": "lowest number; empty is unknown, 0 is zero",
    "high": "highest number; empty is unknown, 0 is zero",
    "low_open": "yes where there may be fewer than low",
    "high_open": "yes where there may be more than high",
    "denied": "yes where a source denies that there were any, no where none does; empty where nobody speaks of it",
    "contradictory": "yes where two claims cannot both be right",
    "text": "the range as it is printed: 40–420, 33+, unknown, denied",
}


def _range_columns() -> tuple[Column, ...]:
    return tuple(
        Column(f"{outcome.value}_{category.value}_{part}", Role.DERIVED, about, text=part == "text")
        for outcome, category in RANGED
        for part, about in RANGE_PARTS.items()
    )


def _carried(name: str, about: str, *, text: bool = True, required: bool = False) -> Column:
    return Column(name, Role.CARRIED, about, text, required)


def _derived(name: str, about: str, *, text: bool = True) -> Column:
    return Column(name, Role.DERIVED, about, text)


INCIDENT_COLUMNS: tuple[Column, ...] = (
    _carried("code", "stable code of the incident", required=True),
    _carried("name", "the name it is listed under", required=True),
    _carried("names", "all its names, separated by “ | ”; a | inside a name is written \\|"),
    _carried("codes", "codes of others as scheme:code, former ones as scheme:code (former), separated by “ | ”"),
    _carried("kind", "kind of event"),
    _carried("country", "ISO 3166-1 alpha-2"),
    Column("start", Role.TEMPLATE, "instead of edtf: first day or local time, YYYY-MM-DD or YYYY-MM-DDTHH:MM"),
    Column("end", Role.TEMPLATE, "last day or local time, included; empty is the unit that start names"),
    Column("window_kind", Role.TEMPLATE, "with start: moment_in_window (one moment in it) or duration"),
    _carried("edtf", "the window as EDTF: [a..b] is one moment in it, a/b lasted"),
    _carried("tz", "IANA zone in which the time was said; empty is UTC, for whole days only"),
    _carried("time_precision", "how fine the time is known"),
    _carried("part_of_day", "one of Airwars' ten parts of the day"),
    _carried("time_words", "the source's words for the time"),
    _derived("start_utc", "first second of the window, ISO 8601 UTC"),
    _derived("end_utc", "last second of the window, included, ISO 8601 UTC"),
    _carried("civilian_harm_reported", "yes, no or unknown"),
    _carried("strike_status", "declared, likely, contested or single_source"),
    _carried("visibility", "public, restricted or internal"),
    _carried("note", "working note; internal tier only"),
    _carried("lon", "longitude of the place that stands for the incident, degrees east, WGS84", text=False),
    _carried("lat", "latitude of it, degrees north", text=False),
    _carried("radius_m", "the place lies within so many metres; an area is carried as the circle round it", text=False),
    _carried("precision", "how fine the place is known; unknown is a place without a point"),
    _carried("method", "how the place was found; empty is source_coordinates"),
    _carried("geoprivacy", "exact, reduced, adm_only or hidden: how far it is lowered in public"),
    _carried("public_decimals", "grid in decimals of a degree that a reduced place is shown on", text=False),
    _carried("place_name", "name of the place"),
    _carried("place_words", "the source's words for the place"),
    _carried("location_source", "code of the organisation that gives the place"),
    _carried("location_report", "code of the report it is cited from"),
    _carried("confirmed", "yes confirms unusual values: a point at 0, 0 or far from the place it is named after"),
    _derived("locations", "how many rival places are recorded; all of them are in the GeoJSON", text=False),
    _derived("event", "code that all records of one event share: add up each event once"),
    _derived("same_as", "other records of the event"),
    _derived("rule", "what the ranges are made by"),
    _derived("as_of", "what was said later is left out; empty is now"),
    *_range_columns(),
    _derived("status", "authority, process: state (since), for each investigation; empty is none recorded"),
    _derived("grading", "each body's current grading: body: grading (date)"),
    _derived("belligerents", "actor: role, strength, by whom"),
    _derived("sources", "publisher, title, address, licence of each report"),
    _derived("match", "how it answers the place query: surely, possibly, unlocated or anywhere"),
)

CLAIM_COLUMNS: tuple[Column, ...] = (
    _carried("code", "stable code of the claim; empty gives it the next one"),
    _carried("incident", "code of the incident; empty for a total of several"),
    _carried("incidents", "codes of the incidents that a total counts together, separated by “ | ”"),
    _carried("source", "code or name of the organisation that says it", required=True),
    _carried("report", "code or address of the report it is cited from", required=True),
    _carried("outcome", "killed, injured, ...; empty is killed"),
    _carried("category", "who is counted: civilian, child, ...", required=True),
    _carried("bound", "what the words say of the number; empty where the words are plain and are read"),
    _carried("minimum", "least number, included; empty is open or not said", text=False),
    _carried("maximum", "most, included; empty is open or not said", text=False),
    _carried("words", "the source's words: at least 33, up to 30, dozens, none (denied), unknown"),
    _carried("confirmed", "yes confirms a number of 100,000 or more"),
    _carried("scope", "incident or incident_set; empty is incident"),
    _carried("area", "the area a total is about"),
    _carried("period", "the dates a figure is about"),
    _carried("period_words", "the source's words for them"),
    _carried("stated", "day, month or interval of the statement"),
    _carried("as_of", "the day the figure counts up to"),
    _carried("perpetrator", "code of the actor that the figure blames"),
    _carried("strength", "how firmly"),
    _carried("side", "code of the actor whose dead are counted"),
    _carried("subset_of", "code of the claim it is a part of"),
    _carried("supersedes", "code of the earlier claim of the same source that it replaces"),
    _derived("superseded_by", "code of the claim that replaces it"),
    _carried("locator", "page or paragraph in the report"),
    _carried("note", "working note; internal tier only"),
    _carried("withdrawn_on", "the day the source took it back; empty is not withdrawn"),
    _carried("withdrawn_why", "why it was taken back"),
    _derived("event", "code that all records of the event share"),
    _derived("independence_group", "body whose word it is in the end: counts once"),
)


def named(columns: tuple[Column, ...], *roles: Role) -> list[str]:
    """The names of the columns with one of ``roles``, in order."""
    return [column.name for column in columns if column.role in roles]
