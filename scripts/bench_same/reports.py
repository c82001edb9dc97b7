"""Made-up reports: events over Syria in five years, some told twice with slips in place, day and toll."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from incidents.suggestions.accounts import Account

TWICE = 0.15
"""Share of reports that tell an event again."""
TOWNS, DAYS, FIRST_DAY = 2_000, 1_826, 16_801
ACTORS = ("Government of Syria", "US-led Coalition", "IS", "Civilians", "Opposition", "Russian forces")


def made_up(count: int, seed: int = 1) -> list[Account]:
    """So many reports, the second tellings after the first."""
    random = np.random.default_rng(seed)
    towns = np.column_stack([random.uniform(36, 42, TOWNS), random.uniform(32.5, 37, TOWNS)])
    first, weights = count - int(count * TWICE), 1 / (np.arange(TOWNS) + 50)
    town = random.choice(TOWNS, first, p=weights / weights.sum())
    day = random.integers(FIRST_DAY, FIRST_DAY + DAYS, first)
    toll, by = random.geometric(0.2, first), random.integers(0, len(ACTORS), first)
    rows = [
        Account(
            f"r{at}", float(day[at]), float(day[at]), float(towns[town[at], 0]), float(towns[town[at], 1]), 2.0, "SY",
            (f"town{town[at]}", f"district{town[at] // 20}"), f"town{town[at]}", (ACTORS[by[at]],), ("side",),
            None, "airstrike", f"{toll[at]} killed in town{town[at]}", (float(toll[at]), float(toll[at])), None,
            f"d{at % 9_000}", f"p{at % 40}", press=True, published=float(day[at] + 1),
        )
        for at in range(first)
    ]  # fmt: skip
    for at in random.choice(first, count - first, replace=False).tolist():
        one, slip = rows[at], float(random.integers(0, 2))
        lon, lat = (value + float(random.normal(0, 0.02)) for value in (towns[town[at], 0], towns[town[at], 1]))
        killed = float(max(1, toll[at] + random.integers(-1, 3)))
        rows.append(
            replace(
                one, code=f"{one.code}-again", start=float(day[at]) + slip, end=float(day[at]) + slip, lon=lon, lat=lat,
                killed=(killed, killed), document=f"e{at % 9_000}", publisher=f"q{at % 40}",
            )
        )  # fmt: skip
    return rows
