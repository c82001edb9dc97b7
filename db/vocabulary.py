"""The closed lists of words the tables hold, and which moves of an investigation are legal.

Each enumeration is stored by value with a CHECK (see :func:`db.types.enum_column`). The words
follow Airwars, UCDP, CJTF-OIR, OHCHR and Every Casualty; where a list is this project's own
the docstring says so.
"""

from __future__ import annotations

from enum import StrEnum


class OrganisationKind(StrEnum):
    """What an organisation is. The first ten are source types; the rest are belligerents."""

    CASUALTY_MONITOR = "casualty_monitor"
    MILITARY = "military"
    GOVERNMENT = "government"
    CIVIL_DEFENCE_OR_HEALTH = "civil_defence_or_health"
    UN_BODY = "un_body"
    NGO_INVESTIGATOR = "ngo_investigator"
    LOCAL_MEDIA = "local_media"
    INTERNATIONAL_MEDIA = "international_media"
    SOCIAL_MEDIA = "social_media"
    WITNESS = "witness"
    ARMED_GROUP = "armed_group"
    COALITION = "coalition"
    UNKNOWN = "unknown"


class MembershipKind(StrEnum):
    """How one organisation belongs to another."""

    MEMBER = "member"
    PART = "part"


class EventKind(StrEnum):
    """Kind of event; this project's own short list. The UCDP three describe who fought whom."""

    AIRSTRIKE = "airstrike"
    SHELLING = "shelling"
    GROUND_ATTACK = "ground_attack"
    EXPLOSION = "explosion"
    EXECUTION = "execution"
    STATE_BASED_VIOLENCE = "state_based_violence"
    NON_STATE_VIOLENCE = "non_state_violence"
    ONE_SIDED_VIOLENCE = "one_sided_violence"
    OTHER = "other"
    UNKNOWN = "unknown"


class YesNoUnknown(StrEnum):
    """A question with a third answer."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Grading(StrEnum):
    """How well the reporting of civilian harm is supported (Airwars' five, and ungraded)."""

    CONFIRMED = "confirmed"
    FAIR = "fair"
    WEAK = "weak"
    CONTESTED = "contested"
    DISCOUNTED = "discounted"
    UNGRADED = "ungraded"


GRADING_ALIASES = {"disproved": Grading.DISCOUNTED, "تم دحضها": Grading.DISCOUNTED}


class StrikeStatus(StrEnum):
    """Whether a strike is acknowledged (Airwars)."""

    DECLARED = "declared"
    LIKELY = "likely"
    CONTESTED = "contested"
    SINGLE_SOURCE = "single_source"


class TimePrecision(StrEnum):
    """How fine the time window is known."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    PART_OF_DAY = "part_of_day"
    DAY = "day"
    DAYS = "days"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class WindowKind(StrEnum):
    """Whether the window holds one moment or was filled from start to end (tdwg/bdq#86)."""

    MOMENT_IN_WINDOW = "moment_in_window"
    DURATION = "duration"


class PartOfDay(StrEnum):
    """Airwars' ten parts of the day."""

    AFTER_MIDNIGHT = "after_midnight"
    DURING_THE_NIGHT = "during_the_night"
    AROUND_DAWN = "around_dawn"
    MORNING = "morning"
    AROUND_MIDDAY = "around_midday"
    DURING_THE_DAY = "during_the_day"
    AFTERNOON = "afternoon"
    AROUND_DUSK = "around_dusk"
    EVENING = "evening"
    AROUND_MIDNIGHT = "around_midnight"


class PrecisionLevel(StrEnum):
    """How fine a place is known; the crosswalk to UCDP, ACLED and GTD is in ``gazetteer.precision``."""

    EXACT = "exact"
    WITHIN_100M = "within_100m"
    LANDMARK = "landmark"
    STREET = "street"
    NEIGHBOURHOOD = "neighbourhood"
    SETTLEMENT = "settlement"
    NEAR_SETTLEMENT = "near_settlement"
    ADM3 = "adm3"
    ADM2 = "adm2"
    ADM1 = "adm1"
    REGION = "region"
    COUNTRY = "country"
    WATER = "water"
    UNKNOWN = "unknown"


class LocationMethod(StrEnum):
    """How a location was found."""

    SOURCE_COORDINATES = "source_coordinates"
    MGRS = "mgrs"
    GEOLOCATED = "geolocated"
    GAZETTEER = "gazetteer"
    CENTROID = "centroid"


class Geoprivacy(StrEnum):
    """How far a location is lowered before it leaves the product."""

    EXACT = "exact"
    REDUCED = "reduced"
    ADM_ONLY = "adm_only"
    HIDDEN = "hidden"


class Visibility(StrEnum):
    """Who may see a record."""

    PUBLIC = "public"
    RESTRICTED = "restricted"
    INTERNAL = "internal"


class Role(StrEnum):
    """What the holder of a token may do; each may do what those before it may."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"


class Outcome(StrEnum):
    """What a claim counts.

    The first five are harm to people. ``casualties`` is a source's figure that does not say whether it
    counts the killed or the killed and injured. The next three count events, not people. Those that begin with
    ``reports`` are the monthly books of an authority: the reports of harm that lay before it on a day, and those it
    received, reopened and closed in a period. ``context`` is a figure beside harm (a length of time, a share,
    soldiers); its words say of what.
    """

    KILLED = "killed"
    INJURED = "injured"
    MISSING = "missing"
    DETAINED = "detained"
    DISPLACED = "displaced"
    CASUALTIES = "casualties"
    INCIDENTS = "incidents"
    MASSACRES = "massacres"
    ATTACKS_ON_FACILITIES = "attacks_on_facilities"
    REPORTS_OPEN = "reports_open"
    REPORTS_RECEIVED = "reports_received"
    REPORTS_REOPENED = "reports_reopened"
    REPORTS_CLOSED = "reports_closed"
    REPORTS_CREDIBLE = "reports_credible"
    REPORTS_NON_CREDIBLE = "reports_non_credible"
    REPORTS_DUPLICATE = "reports_duplicate"
    CONTEXT = "context"


class Category(StrEnum):
    """Who, or for counts of events and reports what, a claim counts. Child is under 18; woman and man are adults."""

    TOTAL_PEOPLE = "total_people"
    CIVILIAN = "civilian"
    CHILD = "child"
    WOMAN = "woman"
    MAN = "man"
    COMBATANT = "combatant"
    UNDETERMINED_STATUS = "undetermined_status"
    EVENT = "event"
    BRIDGE = "bridge"
    REPORT = "report"
    OTHER = "other"


class Bound(StrEnum):
    """What the words round a number say of it."""

    EXACT = "exact"
    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    AT_MOST = "at_most"
    LESS_THAN = "less_than"
    AROUND = "around"
    ALMOST = "almost"
    BETWEEN = "between"
    UNQUANTIFIED = "unquantified"
    NONE_DENIED = "none_denied"
    UNKNOWN = "unknown"


class Scope(StrEnum):
    """What a figure is a figure of."""

    INCIDENT = "incident"
    INCIDENT_SET = "incident_set"
    PERIOD = "period"


class AttributionRole(StrEnum):
    """What an actor is said to have been in the incident."""

    PERPETRATOR = "perpetrator"
    TARGET = "target"
    PARTNER = "partner"
    SIDE = "side"


class AttributionStrength(StrEnum):
    """How firmly the role is said."""

    DECLARED = "declared"
    CONFIRMED = "confirmed"
    LIKELY = "likely"
    ALLEGED = "alleged"
    DISPUTED = "disputed"
    DENIED = "denied"
    UNATTRIBUTED = "unattributed"


class Process(StrEnum):
    """The kind of an investigation; one thread for each authority and process."""

    INITIAL_REVIEW = "initial_review"
    CREDIBILITY_ASSESSMENT = "credibility_assessment"
    COMMAND_INVESTIGATION = "command_investigation"
    HOST_GOVERNMENT_INQUIRY = "host_government_inquiry"
    UN_COMMISSION = "un_commission"
    NGO_INVESTIGATION = "ngo_investigation"
    COURT = "court"


class InvestigationState(StrEnum):
    """Where an investigation stands."""

    NOT_ASSESSED = "not_assessed"
    REPORTED = "reported"
    OPEN = "open"
    CREDIBLE = "credible"
    NON_CREDIBLE = "non_credible"
    DUPLICATE = "duplicate"
    INCONCLUSIVE = "inconclusive"


class StepKind(StrEnum):
    """What happened in an investigation."""

    RECEIVED = "received"
    OPENED = "opened"
    CONCLUDED = "concluded"
    REOPENED = "reopened"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class StepReason(StrEnum):
    """Why a step was taken, in CJTF-OIR's own terms where it has one."""

    NO_STRIKES_IN_AREA = "no_strikes_in_area"
    INSUFFICIENT_INFORMATION = "insufficient_information"
    INSUFFICIENT_EVIDENCE = "insufficient_evidence"
    NEW_EVIDENCE = "new_evidence"
    SELF_REPORT = "self_report"
    ENTERED_TARGET_AREA = "entered_target_area"
    STRIKE_BLAST = "strike_blast"
    SECONDARY_EXPLOSION = "secondary_explosion"
    UNSEEN_AT_ENGAGEMENT = "unseen_at_engagement"
    INSIDE_TARGET_VEHICLE = "inside_target_vehicle"
    NONE_GIVEN = "none_given"
    OTHER = "other"


class Verdict(StrEnum):
    """A judgement on two records: one event, two, not to be said, or the first is part of the second.

    ``undecided`` undoes an earlier one.
    """

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"
    UNDECIDED = "undecided"
    PART_OF = "part_of"


class RowVerdict(StrEnum):
    """What an importer did with a row that it kept for a person to look at."""

    FLAGGED = "flagged"
    REJECTED = "rejected"


class PlaceKind(StrEnum):
    """What a gazetteer entry is."""

    COUNTRY = "country"
    ADM1 = "adm1"
    ADM2 = "adm2"
    ADM3 = "adm3"
    SETTLEMENT = "settlement"
    NEIGHBOURHOOD = "neighbourhood"
    LANDMARK = "landmark"
    OTHER = "other"


class NameKind(StrEnum):
    """What a name is to its place; this project's own list, after the flags of GeoNames' alternate names."""

    NAME = "name"
    PREFERRED = "preferred"
    SHORT = "short"
    COLLOQUIAL = "colloquial"
    FORMER = "former"
    CODE = "code"
    ATTESTED = "attested"


CONCLUDED_STATES = frozenset(
    {
        InvestigationState.CREDIBLE,
        InvestigationState.NON_CREDIBLE,
        InvestigationState.DUPLICATE,
        InvestigationState.INCONCLUSIVE,
    }
)
UNOPENED_STATES = frozenset({InvestigationState.NOT_ASSESSED, InvestigationState.REPORTED})
ALL_STATES = frozenset(InvestigationState)

LEGAL_MOVES: dict[StepKind, tuple[frozenset[InvestigationState], frozenset[InvestigationState]]] = {
    StepKind.RECEIVED: (frozenset({InvestigationState.NOT_ASSESSED}), frozenset({InvestigationState.REPORTED})),
    StepKind.OPENED: (UNOPENED_STATES, frozenset({InvestigationState.OPEN})),
    StepKind.CONCLUDED: (frozenset({InvestigationState.OPEN}), CONCLUDED_STATES),
    StepKind.REOPENED: (CONCLUDED_STATES, frozenset({InvestigationState.OPEN})),
    StepKind.CORRECTED: (ALL_STATES, ALL_STATES),
    StepKind.WITHDRAWN: (ALL_STATES - {InvestigationState.NOT_ASSESSED}, UNOPENED_STATES),
    StepKind.SUPERSEDED: (ALL_STATES - CONCLUDED_STATES, frozenset({InvestigationState.INCONCLUSIVE})),
}
"""For each kind of step: the states it may start from and the states it may end in.

The first four follow the ledger of the CJTF-OIR monthly reports. The project's own: a *correction* may
restate any state and names the step it corrects; a *withdrawal* takes a finding back to unopened; a thread
that another process took over is *superseded* and stays inconclusive. A thread with no step yet stands at
``not_assessed``.
"""
