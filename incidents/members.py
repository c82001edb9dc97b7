"""The members of the vocabulary by the text they are stored as, for rows that are read by the million."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from db import vocabulary as words

Member = TypeVar("Member", bound=StrEnum)


def _by_text(enum: type[Member]) -> dict[str, Member]:
    return {member.value: member for member in enum}


BOUNDS = _by_text(words.Bound)
CATEGORIES = _by_text(words.Category)
GEOPRIVACIES = _by_text(words.Geoprivacy)
GRADINGS = _by_text(words.Grading)
KINDS = _by_text(words.EventKind)
METHODS = _by_text(words.LocationMethod)
OUTCOMES = _by_text(words.Outcome)
PARTS_OF_DAY = _by_text(words.PartOfDay)
PRECISIONS = _by_text(words.PrecisionLevel)
PROCESSES = _by_text(words.Process)
ROLES = _by_text(words.AttributionRole)
SCOPES = _by_text(words.Scope)
STATES = _by_text(words.InvestigationState)
STEP_KINDS = _by_text(words.StepKind)
STEP_REASONS = _by_text(words.StepReason)
STRENGTHS = _by_text(words.AttributionStrength)
STRIKE_STATUSES = _by_text(words.StrikeStatus)
TIME_PRECISIONS = _by_text(words.TimePrecision)
VISIBILITIES = _by_text(words.Visibility)
WINDOW_KINDS = _by_text(words.WindowKind)
YES_NO_UNKNOWN = _by_text(words.YesNoUnknown)
