"""Made-up places: towns with their villages in one region, and others all over the world."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TOWNS = (
    (36.3, 33.5, "SY"), (37.1, 36.2, "SY"), (36.7, 34.7, "SY"), (36.8, 35.1, "SY"), (36.6, 35.9, "SY"),
    (40.1, 35.3, "SY"), (39.0, 35.9, "SY"), (40.7, 36.5, "SY"), (36.1, 32.6, "SY"), (38.3, 34.5, "SY"),
    (40.9, 34.4, "SY"), (38.0, 36.5, "SY"), (43.1, 36.3, "IQ"), (44.4, 33.3, "IQ"), (43.3, 33.4, "IQ"),
    (42.8, 33.4, "IQ"), (43.7, 34.6, "IQ"), (44.4, 35.5, "IQ"), (47.8, 30.5, "IQ"), (42.5, 36.4, "IQ"),
    (44.6, 33.8, "IQ"), (41.1, 34.4, "IQ"), (43.9, 34.2, "IQ"), (45.0, 33.7, "IQ"),
)  # fmt: skip
"""Centres: longitude and latitude in degrees, country. Only the names are invented."""

REGIONAL, WORLD = 3_000, 4_000
REGIONAL_SHARE = 0.7
COUNTRIES = ("NG", "UA", "YE", "AF", "SD", "CO", "MM", "ML", "ET", "PH", "SO", "PK")
RADII_M = (2_000, 2_000, 2_000, 5_000, 5_000, 10_000, 25_000)

SYLLABLES = (
    ("ka", "كا"), ("si", "سي"), ("ra", "را"), ("mu", "مو"), ("da", "دا"), ("li", "لي"), ("no", "نو"), ("ba", "با"),
    ("ri", "ري"), ("ha", "ها"), ("za", "زا"), ("wa", "وا"), ("ti", "تي"), ("fu", "فو"), ("ja", "جا"), ("yo", "يو"),
)  # fmt: skip
FIRST = (("Tal ", "تل "), ("Ain ", "عين "), ("Kafr ", "كفر "), ("", ""), ("", ""), ("", ""))


@dataclass(frozen=True)
class Places:
    """All places, one entry each: degrees, metres, names in two scripts, and how often something happens there."""

    lons: NDArray[np.float64]
    lats: NDArray[np.float64]
    radii_m: NDArray[np.float64]
    shares: NDArray[np.float64]
    names: list[str]
    arabic: list[str]
    countries: list[str]


def make_places(seed: int) -> Places:
    """The places of a seed: ``REGIONAL`` round the towns, then ``WORLD`` anywhere."""
    rng = np.random.default_rng([seed, 1])
    town = rng.choice(len(TOWNS), REGIONAL, p=_falling(len(TOWNS), 0.9))
    # The centre of each town itself comes first.
    town[: len(TOWNS)] = np.arange(len(TOWNS))
    centres = np.array([(lon, lat) for lon, lat, _ in TOWNS])
    near = centres[town] + rng.normal(0.0, 0.18, (REGIONAL, 2))
    near[: len(TOWNS)] = centres
    far = np.column_stack([rng.uniform(-175, 175, WORLD), rng.uniform(-50, 65, WORLD)])
    spots = np.round(np.concatenate([near, far]), 4)
    names = _names(rng, REGIONAL + WORLD)
    shares = np.concatenate([
        REGIONAL_SHARE * _falling(REGIONAL, 0.7), (1 - REGIONAL_SHARE) * _falling(WORLD, 0.5),
    ])  # fmt: skip
    return Places(
        spots[:, 0],
        spots[:, 1],
        rng.choice(np.array(RADII_M, dtype=float), REGIONAL + WORLD),
        shares,
        [latin for latin, _ in names],
        [arabic for _, arabic in names],
        [TOWNS[index][2] for index in town] + [COUNTRIES[index] for index in rng.integers(0, len(COUNTRIES), WORLD)],
    )


def _falling(count: int, power: float) -> NDArray[np.float64]:
    """Shares that fall with the rank, as the sizes of towns do; they add up to 1."""
    raw = np.arange(1, count + 1, dtype=float) ** -power
    return raw / raw.sum()


def _names(rng: np.random.Generator, count: int) -> list[tuple[str, str]]:
    """Distinct names, each in Latin and in Arabic letters."""
    found: dict[str, str] = {}
    while len(found) < count:
        parts = [SYLLABLES[index] for index in rng.integers(0, len(SYLLABLES), int(rng.integers(3, 5)))]
        first = FIRST[int(rng.integers(0, len(FIRST)))]
        latin = first[0] + "".join(part[0] for part in parts).capitalize()
        found.setdefault(latin, first[1] + "".join(part[1] for part in parts))
    return list(found.items())
