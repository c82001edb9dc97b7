"""Tiers: what may leave the product. The public tier is the default of everything that leaves it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from db.tables import Location, Report
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


def _c(attribute: Any) -> Any:
    """A mapped attribute as the SQL expression it is; SQLModel types it as a plain value."""
    return attribute


def as_seen(tier: Tier) -> tuple[sa.ColumnElement[Any], ...]:
    """The columns of a location that ``tier`` may see: lon, lat, radius in metres, area id.

    The public columns hold the true place where nothing was lowered.
    """
    if tier is Tier.INTERNAL:
        columns: tuple[Any, ...] = (Location.lon, Location.lat, Location.radius_m, Location.area_id)
    else:
        columns = (Location.public_lon, Location.public_lat, Location.public_radius_m, Location.public_area_id)
    return tuple(sa.type_coerce(column, column.type) for column in columns)


@lru_cache(maxsize=32)  # putting it together takes 4 ms, and a change of one record asks for it seven times
def current_location(tier: Tier, as_of: datetime | None = None) -> Any:
    """SQL: the location is neither withdrawn nor superseded by one that ``tier`` may know of on the day."""
    later, report = aliased(Location), aliased(Report)
    superseded = sa.exists().where(
        _c(later.supersedes_id) == Location.id,
        _c(report.id) == later.report_id,
        citable_row(tier, report),
        known_place(report, as_of),
    )
    return ~_c(Location.withdrawn) & ~superseded


def known_place(report: Any, as_of: datetime | None) -> Any:
    """SQL: the joined ``report`` does not date from after ``as_of``; a place without a date counts always."""
    if as_of is None:
        return sa.true()
    return _c(report.published_end).is_(None) | (_c(report.published_end) <= as_of)
