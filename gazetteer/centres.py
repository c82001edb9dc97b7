"""The middle of many points, on the sphere."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass
class Centre:
    """The sum of unit vectors to points; their mean direction is right across the antimeridian too."""

    x: float = 0.0
    y: float = 0.0
    z: float = 0.0

    def add(self, lon: float, lat: float) -> None:
        """Count a point, degrees."""
        across, up = math.radians(lon), math.radians(lat)
        self.x += math.cos(up) * math.cos(across)
        self.y += math.cos(up) * math.sin(across)
        self.z += math.sin(up)

    def point(self) -> tuple[float, float]:
        """Longitude and latitude of the middle in degrees, to about a metre."""
        lon = math.degrees(math.atan2(self.y, self.x))
        lat = math.degrees(math.atan2(self.z, math.hypot(self.x, self.y)))
        return round(lon, 5), round(lat, 5)
