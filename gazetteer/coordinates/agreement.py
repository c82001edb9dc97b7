"""Whether coordinates and the name beside them mean the same place (B35)."""

from __future__ import annotations

from dataclasses import dataclass

from gazetteer.coordinates.point import Coordinates
from gazetteer.geodesy import SWAP_DISTANCE_M, distance_m, swapped_is_nearer


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One way in which coordinates do not fit a named place.

    Args:
        code: ``far_from_name`` or ``maybe_swapped``.
        distance_m: metres from the coordinates as given to the named place.
        sentence: the same for a person to read.
    """

    code: str
    distance_m: float
    sentence: str


def check_against(
    coordinates: Coordinates, named_lon: float, named_lat: float, *, extent_m: float = 0.0
) -> list[Disagreement]:
    """What speaks against coordinates and a named place being the same.

    Nothing does while the two, with their extents, come within 25 km of each other: 28 of 1,061 grid references in
    real reports lie farther off, and were mistakes of writing.

    Args:
        coordinates: as read.
        named_lon: longitude of the named place, degrees.
        named_lat: latitude of the named place, degrees.
        extent_m: radius of the named place, metres.

    Returns:
        Empty, or ``far_from_name``, then ``maybe_swapped`` where exchanging longitude and latitude comes nearer.
    """
    away = distance_m(coordinates.lon, coordinates.lat, named_lon, named_lat)
    if away - extent_m - coordinates.radius_m <= SWAP_DISTANCE_M:
        return []
    limit = SWAP_DISTANCE_M / 1000
    said = f"The coordinates lie {away / 1000:,.0f} km from the named place: over {limit:.0f} km beyond its extent."
    found = [Disagreement("far_from_name", away, said)]
    if swapped_is_nearer(coordinates.lon, coordinates.lat, named_lon, named_lat):
        swapped = distance_m(coordinates.lat, coordinates.lon, named_lon, named_lat)
        said = f"With longitude and latitude exchanged they lie {swapped / 1000:,.0f} km from it: maybe swapped."
        found.append(Disagreement("maybe_swapped", away, said))
    return found
