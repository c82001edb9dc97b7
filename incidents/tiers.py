"""Tiers: what may leave the product. The public tier is the default of everything that leaves it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from db.tables import Report
from db.vocabulary import Visibility


class Tier(StrEnum):
    """Who the answer is for: as if the database held only what the tier may see.

    ``public`` leaves out restricted records and reports that may not be exported, and shows lowered
    places; ``restricted`` is for partners; ``internal`` is everything.
    """

    PUBLIC = "public"
    RESTRICTED = "restricted"
    INTERNAL = "internal"


def visible(visibility: Visibility, tier: Tier) -> bool:
    """Whether a record of ``visibility`` may be seen in ``tier``."""
    order = [Visibility.PUBLIC, Visibility.RESTRICTED, Visibility.INTERNAL]
    return order.index(visibility) <= [Tier.PUBLIC, Tier.RESTRICTED, Tier.INTERNAL].index(tier)


def seen(tier: Tier) -> list[Visibility]:
    """The visibilities that ``tier`` may see."""
    return [visibility for visibility in Visibility if visible(visibility, tier)]


def citable(visibility: Visibility, *, may_export: bool, tier: Tier) -> bool:
    """Whether a report, and with it what is cited from it, may be seen in ``tier``."""
    return visible(visibility, tier) and (may_export or tier is Tier.INTERNAL)


def citable_row(tier: Tier, report: Any = Report) -> Any:
    """SQL: what :func:`citable` says of the joined ``report``, the table or an alias of it."""
    shown = report.visibility.in_(seen(tier))
    return shown if tier is Tier.INTERNAL else shown & report.may_export
