"""Short phrases for people, the same on every face: when and how far."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from incidents.views import Dossier, LocationView
from incidents.windows import Window


def when(one: Dossier) -> str:
    """The window as a short line; ``unknown`` when no time is known."""
    if one.start_utc is None or one.end_utc is None or one.time_precision is None or one.window_kind is None:
        return "unknown"
    window = Window(
        start=one.start_utc,
        end=one.end_utc,
        tz=one.tz or "UTC",
        precision=one.time_precision,
        kind=one.window_kind,
        part_of_day=one.part_of_day,
    )
    return window.text()


def day(one: Dossier) -> str:
    """The first, and where it differs the last, local day of the window."""
    if one.start_utc is None or one.end_utc is None:
        return "unknown"
    first, last = (local_day(moment, one.tz) for moment in (one.start_utc, one.end_utc))
    return first if first == last else f"{first}..{last[5:] if last[:4] == first[:4] else last}"


def local_day(moment: datetime, tz: str | None) -> str:
    """The calendar day of an instant in ``tz``."""
    return moment.astimezone(ZoneInfo(tz or "UTC")).date().isoformat()


def extent(place: LocationView) -> str:
    """How large the area is that the place stands for."""
    if place.lon is None:
        return "no point"
    if place.area is not None:
        return "polygon"
    return f"±{metres(place.radius_m or 0.0)}"


def metres(length: float) -> str:
    """A length for people: metres below one kilometre, else kilometres."""
    return f"{length:,.0f} m" if length < 1000 else f"{length / 1000:,.1f} km"
