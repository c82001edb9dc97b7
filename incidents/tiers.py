"""Tiers: what may leave the product. The public tier is the default of everything that leaves it."""

from __future__ import annotations

from enum import StrEnum

from db.vocabulary import Visibility


class Tier(StrEnum):
    """Who the answer is for.

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


def citable(visibility: Visibility, *, may_export: bool, tier: Tier) -> bool:
    """Whether a report, and with it what is cited from it, may be seen in ``tier``."""
    return visible(visibility, tier) and (may_export or tier is Tier.INTERNAL)
