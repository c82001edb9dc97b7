"""Airwars' codes and ours: each grading, status and assessment stands for one of our words and for no other.

Where two of its codes are one level of ours (the three kinds of exact location; village, town and city) the code
itself is kept beside the level.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeVar

from db.errors import InputError
from db.vocabulary import (
    AttributionStrength,
    Category,
    EventKind,
    Grading,
    InvestigationState,
    PrecisionLevel,
    StepReason,
    StrikeStatus,
)
from gazetteer.precision import CITY_RADIUS_M, TOWN_RADIUS_M, VILLAGE_RADIUS_M

GRADINGS: Final = {
    "confirmed": Grading.CONFIRMED,
    "fair": Grading.FAIR,
    "weak": Grading.WEAK,
    "contested": Grading.CONTESTED,
    "discounted": Grading.DISCOUNTED,
}
STRIKES: Final = {
    "declared_strike": StrikeStatus.DECLARED,
    "likely_strike": StrikeStatus.LIKELY,
    "contested_strike": StrikeStatus.CONTESTED,
    "single_source_claim": StrikeStatus.SINGLE_SOURCE,
}
ASSESSMENTS: Final = {
    "not_yet_assessed": InvestigationState.NOT_ASSESSED,
    "open_incident": InvestigationState.OPEN,
    "non_credible": InvestigationState.NON_CREDIBLE,
    "non_credible_unsubstantiated": InvestigationState.NON_CREDIBLE,
    "credible": InvestigationState.CREDIBLE,
    "credible_substantiated": InvestigationState.CREDIBLE,
    "duplicate": InvestigationState.DUPLICATE,
}
REASONS: Final = {
    "no_coalition_strikes": StepReason.NO_STRIKES_IN_AREA,
    "insufficient_information": StepReason.INSUFFICIENT_INFORMATION,
    "insufficient_evidence": StepReason.INSUFFICIENT_EVIDENCE,
    "entered_target_area": StepReason.ENTERED_TARGET_AREA,
    "killed_by_strike_blast": StepReason.STRIKE_BLAST,
    "killed_by_secondary_explosion": StepReason.SECONDARY_EXPLOSION,
    "unseen_at_time_of_engagement": StepReason.UNSEEN_AT_ENGAGEMENT,
    "inside_target_vehicle": StepReason.INSIDE_TARGET_VEHICLE,
    "no_reason_given": StepReason.NONE_GIVEN,
    "other": StepReason.OTHER,
}
TYPES: Final = {"known": AttributionStrength.CONFIRMED, "suspected": AttributionStrength.ALLEGED}
"""A known belligerent has taken responsibility or is beyond doubt to Airwars; a suspected one is blamed."""

HARM: Final = {"yes": "yes", "1": "yes", "no": "no", "0": "no"}
KINDS: Final = {
    "airstrike": EventKind.AIRSTRIKE,
    "drone_strike": EventKind.AIRSTRIKE,
    "artillery": EventKind.SHELLING,
    "ground_operation": EventKind.GROUND_ATTACK,
}
"""Other types of strike, and several together, are of unknown kind here; the words are kept."""

ACCURACIES: Final = {
    "exact_location": (PrecisionLevel.EXACT, None),
    "within_1m": (PrecisionLevel.EXACT, None),
    "within_100m": (PrecisionLevel.WITHIN_100M, None),
    "nearby_landmark": (PrecisionLevel.LANDMARK, None),
    "street": (PrecisionLevel.STREET, None),
    "neighbourhood_area": (PrecisionLevel.NEIGHBOURHOOD, None),
    "village": (PrecisionLevel.SETTLEMENT, VILLAGE_RADIUS_M),
    "town": (PrecisionLevel.SETTLEMENT, TOWN_RADIUS_M),
    "city": (PrecisionLevel.SETTLEMENT, CITY_RADIUS_M),
    "subdistrict": (PrecisionLevel.ADM3, None),
    "district": (PrecisionLevel.ADM2, None),
    "province_governorate": (PrecisionLevel.ADM1, None),
}
"""The level and, where it is not the level's own, the radius in metres."""

CATEGORIES: Final = {
    "civilian_non_combatants": Category.CIVILIAN,
    "children": Category.CHILD,
    "women": Category.WOMAN,
    "men": Category.MAN,
    "belligerents": Category.COMBATANT,
    "undetermined": Category.UNDETERMINED_STATUS,
}
"""The groups whose ranges become claims; parts of these by role have no category and are kept in the note."""

_VIA = re.compile(r"(?:\s*\((?:via|other)[^)]*\)|_(?:via_.*|other))$")
T = TypeVar("T")
_BETWEEN = re.compile(r"[\s/_-]+")


def word(text: str) -> str:
    """A code whether it is written as a slug or as a name: ``Declared strike`` and ``declared-strike`` are one."""
    return _BETWEEN.sub("_", text.strip().casefold())


def known(table: Mapping[str, T], text: str, column: str) -> T:
    """What ``text`` stands for.

    Raises:
        InputError: ``unknown_value``, with the codes that are known.
    """
    found = table.get(word(text))
    if found is None:
        fix = f"Known: {', '.join(table)}."
        raise InputError("unknown_value", "This is none of Airwars' codes.", where=column, got=text, fix=fix)
    return found


def accuracy(text: str, column: str) -> tuple[PrecisionLevel, float | None]:
    """The level and the radius in metres of a geolocation accuracy, whoever it is from.

    Raises:
        InputError: ``unknown_value``.
    """
    return known(ACCURACIES, _VIA.sub("", word(_VIA.sub("", text.strip()))), column)
