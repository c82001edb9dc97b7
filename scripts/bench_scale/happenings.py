"""Blocks of made-up incidents as columns: what, when, where; the same for the same seed, whatever the size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bench_scale.places import Places
from bench_scale.regions import governorates

BLOCK = 10_000
ON_CENTRE = 0.71
"""The share that is put exactly on the point of its place, as geocoded records are."""
CORNER_EVERY = 500
"""Each of so many lies exactly on a corner of a governorate, without a radius: both sides of an edge are tested."""
RICH_EVERY, RICH_AT = 100, 50
"""Each of so many has what CSV cannot carry (areas, rivals, investigations), and goes into the GeoJSON."""

WHAT = (
    ("market", "سوق", 0.16), ("hospital", "مستشفى", 0.08), ("school", "مدرسة", 0.1), ("bakery", "مخبز", 0.06),
    ("bridge", "جسر", 0.1), ("farm", "مزرعة", 0.2), ("camp", "مخيم", 0.05), ("homes", "منازل", 0.25),
)  # fmt: skip
KINDS = (("airstrike", 0.5), ("shelling", 0.2), ("ground_attack", 0.12), ("explosion", 0.13), ("execution", 0.05))
LEVELS_ON_CENTRE = (
    ("settlement", 0.62), ("near_settlement", 0.1), ("neighbourhood", 0.14), ("adm3", 0.06), ("adm2", 0.05),
    ("adm1", 0.03),
)  # fmt: skip
LEVELS_NEARBY = (("exact", 0.3), ("within_100m", 0.25), ("landmark", 0.25), ("street", 0.1), ("near_settlement", 0.1))
RADII_M = {"exact": 25.0, "within_100m": 100.0, "landmark": 250.0, "street": 500.0, "neighbourhood": 1_000.0,
           "near_settlement": 10_000.0, "adm3": 10_000.0, "adm2": 20_000.0, "adm1": 25_000.0}  # fmt: skip
"""In metres; of a settlement it is the place's own."""
WINDOWS = (("day", 0.6), ("moment", 0.12), ("lasted", 0.08), ("month", 0.1), ("minute", 0.08), ("none", 0.02))
FIRST_DAY, DAYS = np.datetime64("2011-03-15"), 5_000


@dataclass(frozen=True)
class Block:
    """Incidents by column; degrees, metres, days."""

    numbers: NDArray[np.int64]
    place: NDArray[np.int64]
    lons: NDArray[np.float64]
    lats: NDArray[np.float64]
    radii_m: NDArray[np.float64]
    level: list[str]
    located: NDArray[np.bool_]
    first: NDArray[Any]
    last: NDArray[Any]
    window: list[str]
    what: NDArray[np.int64]
    kind: list[str]
    chance: NDArray[np.float64]

    def code(self, index: int) -> str:
        """The code of one incident."""
        return incident_code(int(self.numbers[index]))


def incident_code(number: int) -> str:
    """The code of an incident, from 0."""
    return f"made-up-{number:07}"


class Blocks:
    """Makes blocks of one seed."""

    def __init__(self, places: Places, seed: int) -> None:
        self._places = places
        self._seed = seed
        self._up_to = np.cumsum(places.shares)
        shapes = governorates(places, seed).values()
        self._corners = shapely.get_coordinates(list(shapes))

    def make(self, start: int, stop: int) -> Block:
        """The incidents numbered ``start`` to ``stop`` - 1; ``start`` is the first of a block."""
        rng = np.random.default_rng([self._seed, 3, start // BLOCK])
        numbers = np.arange(start, start + BLOCK)
        place = np.minimum(np.searchsorted(self._up_to, rng.random(BLOCK)), len(self._up_to) - 1)
        centred = rng.random(BLOCK) < ON_CENTRE
        levels = np.where(centred, _words(rng, LEVELS_ON_CENTRE), _words(rng, LEVELS_NEARBY))
        away = np.where(centred[:, None], 0.0, rng.normal(0.0, 0.03, (BLOCK, 2)))
        lons = np.round(self._places.lons[place] + away[:, 0], 6)
        lats = np.round(self._places.lats[place] + away[:, 1], 6)
        radii = np.array([RADII_M.get(level, -1.0) for level in levels.tolist()])
        radii = np.where(radii < 0, self._places.radii_m[place], radii)
        on_corner = numbers % CORNER_EVERY == 1
        corner = self._corners[(numbers // CORNER_EVERY) % len(self._corners)]
        lons, lats = np.where(on_corner, corner[:, 0], lons), np.where(on_corner, corner[:, 1], lats)
        first = FIRST_DAY + rng.integers(0, DAYS, BLOCK)
        cut = slice(0, stop - start)
        return Block(
            numbers[cut], place[cut], lons[cut], lats[cut], np.where(on_corner, 0.0, radii)[cut],
            np.where(on_corner, "exact", levels)[cut].tolist(), (on_corner | (rng.random(BLOCK) >= 0.01))[cut],
            first[cut], (first + rng.integers(1, 9, BLOCK))[cut], _words(rng, WINDOWS)[cut].tolist(),
            rng.choice(len(WHAT), BLOCK, p=[share for *_, share in WHAT])[cut], _words(rng, KINDS)[cut].tolist(),
            rng.random(BLOCK)[cut],
        )  # fmt: skip


def _words(rng: np.random.Generator, shares: tuple[tuple[str, float], ...]) -> NDArray[np.str_]:
    return rng.choice(np.array([word for word, _ in shares]), BLOCK, p=[share for _, share in shares])


def is_rich(number: int) -> bool:
    """Whether the incident goes into the GeoJSON."""
    return number % RICH_EVERY == RICH_AT
