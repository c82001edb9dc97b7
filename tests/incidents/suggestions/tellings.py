"""Made-up accounts for the tests of suggestions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from incidents.suggestions.accounts import Account, Accounts


def told(count: int, seed: int) -> Accounts:
    """Made-up accounts that lie close together, some of which say little."""
    random = np.random.default_rng(seed)
    rows = []
    for at in range(count):
        day, town, dead = (int(random.integers(0, most)) for most in (25, 12, 9))
        whole = Account(
            f"r{at}", day, day + int(random.integers(0, 3)), 36 + town / 9, 35 + town / 20, 2.0, "SY",
            (f"town {town}", "Aleppo"), f"town {town}", ("a state", f"group {dead % 3}"), ("state", ""),
            "mosque", "airstrike", f"{dead} killed in town {town}", (dead, dead + 2), (0, dead), f"d{at % 40}",
            f"p{at % 7}", press=at % 2 == 0, published=day + 1,
        )  # fmt: skip
        little: dict[str, object] = {"lon": None, "lat": None, "radius_km": None, "killed": None, "title": ""}
        rows.append(replace(whole, **little) if at % 11 == 0 else whole)  # type: ignore[arg-type]  # fields by name
    return Accounts(rows)
