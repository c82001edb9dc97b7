"""What an answer is made of: views of an incident and of everything said about it. Nobody writes to a view.

Those that an export makes by the million are not frozen: a frozen class takes nine times as long to fill.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from db.vocabulary import (
    AttributionRole,
    AttributionStrength,
    EventKind,
    Geoprivacy,
    Grading,
    InvestigationState,
    LocationMethod,
    PartOfDay,
    PrecisionLevel,
    Process,
    StepKind,
    StepReason,
    StrikeStatus,
    TimePrecision,
    Visibility,
    WindowKind,
    YesNoUnknown,
)
from incidents.investigations import state_on
from incidents.ranges import Figure
from incidents.same_event import Event

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


FINENESS = {level: rank for rank, level in enumerate(PrecisionLevel)}


@dataclass(slots=True)
class ReportView:
    """A report as it is cited."""

    key: int
    code: str
    publisher: str
    publisher_code: str
    title: str
    url: str | None
    archive_url: str | None
    published: str | None
    published_end: datetime | None
    language: str | None
    licence: str | None
    citation: str | None


@dataclass(slots=True)
class NameView:
    """A name of the incident with its language (BCP 47) and script (ISO 15924)."""

    name: str
    language: str | None
    script: str


@dataclass(frozen=True, slots=True)
class CodeView:
    """A source's code for the incident, now or formerly."""

    scheme: str
    code: str
    former: bool


@dataclass(slots=True)
class LocationView:
    """One source's place, as the tier may see it: degrees, longitude first; radius in metres."""

    key: int
    source: str
    report: ReportView
    lon: float | None
    lat: float | None
    radius_m: float | None
    area: BaseGeometry | None
    precision: PrecisionLevel
    method: LocationMethod
    is_primary: bool
    geoprivacy: Geoprivacy
    place_name: str | None
    place_words: str | None
    source_code: str | None
    note: str | None
    version: int
    organisation_code: str = ""


@dataclass(slots=True)
class ClaimView(Figure):
    """A claim with everything that is recorded of it."""

    report: ReportView | None = None
    incident: str | None = None
    source_code: str = ""
    stated: str | None = None
    as_of: str | None = None
    area: str | None = None
    period: str | None = None
    period_words: str | None = None
    perpetrator: str | None = None
    strength: AttributionStrength | None = None
    side: str | None = None
    subset_of: str | None = None
    supersedes: str | None = None
    locator: str | None = None
    note: str | None = None
    withdrawn_on: datetime | None = None
    withdrawn_why: str | None = None
    version: int = 1


@dataclass(slots=True)
class AttributionView:
    """What one source (``by``) said of an actor's part."""

    organisation: str
    organisation_code: str
    role: AttributionRole
    strength: AttributionStrength
    by: str
    by_code: str
    report: ReportView
    stated: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class GradingView:
    """One body's grading on one day."""

    grading: Grading
    by: str
    by_code: str
    graded: str | None
    why: str
    report: ReportView | None


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of an investigation, with when it was recorded and, inside, by whom."""

    key: int
    kind: StepKind
    state: InvestigationState
    taken: str
    taken_start: datetime
    taken_end: datetime
    reason: StepReason
    report: ReportView | None
    corrects: int | None
    why: str
    note: str | None
    duplicate_of: str | None
    recorded_by: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ThreadView:
    """One authority's process and its steps in the order taken."""

    authority: str
    authority_code: str
    process: Process
    steps: tuple[StepView, ...]

    def state(self, as_of: datetime | None = None) -> InvestigationState:
        """The state at the end of ``as_of``; now when it is None."""
        return state_on(self.steps, as_of)


@dataclass(frozen=True, slots=True)
class StatementView:
    """What somebody said."""

    by: str
    by_code: str
    report: ReportView
    stated: str | None
    words: str
    uncertain_target: bool


@dataclass(slots=True)
class Dossier:
    """Everything about one incident that a tier may see on a day.

    ``claims`` are this record's own, ``event_claims`` those of every record of the same event (ranges are
    made of them), ``set_claims`` totals of several incidents that name this one among them.
    """

    key: int
    code: str
    name: str
    kind: EventKind
    country: str | None
    start_utc: datetime | None
    end_utc: datetime | None
    tz: str | None
    time_precision: TimePrecision | None
    window_kind: WindowKind | None
    part_of_day: PartOfDay | None
    edtf: str | None
    time_words: str | None
    civilian_harm_reported: YesNoUnknown
    strike_status: StrikeStatus | None
    visibility: Visibility
    note: str | None
    withdrawn: bool
    version: int
    as_of: datetime | None
    event: Event | None = None
    same_as: tuple[str, ...] = ()
    names: list[NameView] = field(default_factory=list)
    codes: list[CodeView] = field(default_factory=list)
    locations: list[LocationView] = field(default_factory=list)
    claims: list[ClaimView] = field(default_factory=list)
    event_claims: list[ClaimView] = field(default_factory=list)
    set_claims: list[ClaimView] = field(default_factory=list)
    attributions: list[AttributionView] = field(default_factory=list)
    gradings: list[GradingView] = field(default_factory=list)
    threads: list[ThreadView] = field(default_factory=list)
    statements: list[StatementView] = field(default_factory=list)
    reports: list[ReportView] = field(default_factory=list)

    @property
    def event_code(self) -> str:
        """The code that all records of the event share, of those that the tier may see."""
        if self.event is None:
            return self.code
        seen = (self.code, *self.same_as)
        # The record first recorded may be a hidden one; its code must not leave through the others.
        return self.event.code if self.event.code in seen else min(seen)

    def primary(self) -> LocationView | None:
        """The location that stands for the incident: the one marked, else the finest known one."""
        located = [location for location in self.locations if location.lon is not None]
        if len(located) < 2:
            return located[0] if len(located) == 1 else None
        return min(located, key=lambda found: (not found.is_primary, FINENESS[found.precision], found.key))

    def current_gradings(self) -> list[GradingView]:
        """The last grading of each body, in the order recorded."""
        return list({grading.by_code: grading for grading in self.gradings}.values())
