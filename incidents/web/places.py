"""The places of one incident as its page lists and draws them."""

from __future__ import annotations

from dataclasses import dataclass

from gazetteer.geodesy import distance_m
from incidents.views import Dossier, LocationView
from incidents.web.maps import simplified


@dataclass(frozen=True)
class Placed:
    """A place, and how far it is from the one that stands for the incident, in metres; None for that one itself."""

    place: LocationView
    away_m: float | None
    primary: bool

    @property
    def outline(self) -> dict[str, object] | None:
        """The polygon as GeoJSON, where the place has one."""
        return None if self.place.area is None else simplified(self.place.area)


def placed(one: Dossier) -> list[Placed]:
    """The places of ``one``, the one that stands for it first."""
    first = one.primary()
    found = [Placed(place, _away(place, first), primary=place is first) for place in one.locations]
    return sorted(found, key=lambda row: (not row.primary, row.place.lon is None))


def _away(place: LocationView, first: LocationView | None) -> float | None:
    if first is None or place is first or None in (place.lon, place.lat, first.lon, first.lat):
        return None
    return distance_m(place.lon or 0.0, place.lat or 0.0, first.lon or 0.0, first.lat or 0.0)
