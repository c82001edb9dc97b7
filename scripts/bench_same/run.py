"""``scripts/bench.py same``: time and memory of proposals over many reports, of one more report, and of splink."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from bench_gazetteer.clock import peak_rss_mb

from bench_same.reports import made_up
from incidents.suggestions.accounts import Accounts
from incidents.suggestions.kept import Kept
from incidents.suggestions.model import model
from incidents.suggestions.proposals import score

ASKED = 200
LIKELY = 0.3
"""The probability from which a pair counts as found."""


def add_command(commands: Any) -> None:
    """Add the part to the command line."""
    same = commands.add_parser("same", help="propose same events among made-up reports, beside splink")
    same.add_argument("--reports", type=int, default=100_000)
    same.add_argument("--child", choices=["ours", "one", "splink"], help=argparse.SUPPRESS)
    same.set_defaults(run=bench_same)


def bench_same(arguments: argparse.Namespace) -> None:
    """Each measure in a process of its own, so that its memory is its own."""
    if arguments.child is not None:
        print(json.dumps(CHILDREN[arguments.child](arguments.reports)))
        return
    script = Path(sys.argv[0]).resolve()
    for child in CHILDREN:
        command = [sys.executable, str(script), "same", "--child", child, "--reports", str(arguments.reports)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"{child}: not measured ({done.stderr.strip().splitlines()[-1]})")
            continue
        told = json.loads(done.stdout.splitlines()[-1])
        print(f"{child}: " + ", ".join(f"{name} {value}" for name, value in told.items()))


def ours(count: int) -> dict[str, Any]:
    """All proposals, from accounts in memory."""
    rows = made_up(count)
    before, begin = peak_rss_mb(), time.perf_counter()
    scored = score(Accounts(rows), model())
    seconds = time.perf_counter() - begin
    likely = scored.probability > LIKELY
    hits, again = _hits(rows, scored.left[likely], scored.right[likely])
    return {
        "seconds": round(seconds, 1), "peak_rss_mb": round(peak_rss_mb()), "of_which_reports_mb": round(before),
        "candidates_a_report": round(2 * len(scored.left) / count, 2), "true_pairs_found": round(hits / again, 3),
        "of_which_wrong": round(1 - hits / max(int(likely.sum()), 1), 3),
    }  # fmt: skip


def _hits(rows: list[Any], left: Any, right: Any) -> tuple[int, int]:
    """How many pairs tell of one event, and how many there are."""
    codes = np.array([row.code.removesuffix("-again") for row in rows])
    return int((codes[left] == codes[right]).sum()), sum(row.code.endswith("-again") for row in rows)


def one(count: int) -> dict[str, Any]:
    """One more report among all the others, as a server takes it in: put beside them, and its candidates asked for."""
    rows = made_up(count + ASKED)
    new = np.random.default_rng(2).choice(len(rows), ASKED, replace=False).tolist()
    chosen = set(new)
    others = {key: row for key, row in enumerate(rows) if key not in chosen}
    begin = time.perf_counter()
    kept = Kept(others, model())
    made, took = time.perf_counter() - begin, []
    for key in new:
        begin = time.perf_counter()
        kept.put({key: rows[key]})
        kept.of([key])
        took.append(1000 * (time.perf_counter() - begin))
    return {
        "p50_ms": round(float(np.median(took)), 1), "p95_ms": round(float(np.quantile(took, 0.95)), 1),
        "made_s": round(made, 1), "peak_rss_mb": round(peak_rss_mb()),
    }  # fmt: skip


def splink(count: int) -> dict[str, Any]:
    """Splink with DuckDB, its weights by EM on these very reports; blocked by town and month.

    Without the distance: only second tellings are moved, so that EM would take one place exactly for two events.
    """
    import pandas as pd
    import splink.comparison_library as likeness
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    rows = made_up(count)
    days = pd.to_datetime([row.start for row in rows], unit="D")
    frame = pd.DataFrame(
        {
            "unique_id": [row.code for row in rows], "town": [row.spot for row in rows],
            "actor": [row.actors[0] for row in rows], "killed": [int((row.killed or (0, 0))[0]) for row in rows],
            "day": days.strftime("%Y-%m-%d"), "month": days.strftime("%Y-%m"),
        }
    )  # fmt: skip
    begin = time.perf_counter()
    in_month = block_on("town", "month")
    by_day = likeness.AbsoluteDateDifferenceAtThresholds(
        "day", input_is_string=True, metrics=["day", "day"], thresholds=[1, 3]
    )
    settings = SettingsCreator(
        link_type="dedupe_only", blocking_rules_to_generate_predictions=[in_month],
        comparisons=[*(likeness.ExactMatch(name) for name in ("town", "actor", "killed")), by_day],
    )  # fmt: skip
    linker = Linker(DuckDBAPI().register(frame), settings)
    linker.training.estimate_probability_two_random_records_match([block_on("town", "actor", "day")], recall=0.5)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    for rule in (in_month, block_on("actor", "killed", "day")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict().as_pandas_dataframe()
    seconds = time.perf_counter() - begin
    likely = pairs[pairs.match_probability > LIKELY]
    hits = (likely.unique_id_l.str.removesuffix("-again") == likely.unique_id_r.str.removesuffix("-again")).sum()
    again = sum(row.code.endswith("-again") for row in rows)
    return {
        "seconds": round(seconds, 1), "peak_rss_mb": round(peak_rss_mb()), "pairs_compared": len(pairs),
        "true_pairs_found": round(hits / again, 3), "of_which_wrong": round(1 - hits / max(len(likely), 1), 3),
    }  # fmt: skip


CHILDREN = {"ours": ours, "one": one, "splink": splink}
