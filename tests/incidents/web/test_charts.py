"""Claims as bars and investigations as lanes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from db.engine import Database
from db.session import read_session
from db.vocabulary import Bound, Category
from incidents.dossiers import dossier
from incidents.ranges import death_range
from incidents.records import find_incident
from incidents.tiers import Tier
from incidents.web.charts import ROOM, WIDTH, chart, timeline
from tests.incidents.factories import figure

WHOLE = WIDTH - ROOM


@pytest.mark.parametrize(
    ("bound", "minimum", "maximum", "drawn"),
    [
        (Bound.EXACT, 50, 50, (WHOLE / 2, WHOLE / 2, False, False)),
        (Bound.AT_LEAST, 50, None, (WHOLE / 2, WIDTH, False, True)),  # open: to the very edge
        (Bound.AT_MOST, None, 50, (0.0, WHOLE / 2, True, False)),
        (Bound.BETWEEN, 25, 100, (WHOLE / 4, WHOLE, False, False)),
        (Bound.UNQUANTIFIED, None, None, (None, None, True, True)),
    ],
)
def test_a_bar_ends_where_the_source_says(
    bound: Bound, minimum: int | None, maximum: int | None, drawn: tuple[float | None, float | None, bool, bool]
) -> None:
    scale = figure(2, Bound.EXACT, 100, 100)
    made = chart(death_range([figure(1, bound, minimum, maximum), scale], category=Category.CIVILIAN))
    (bar,) = [bar for bar in made.bars if bar.figure.key == 1]
    assert (bar.start, bar.end, bar.low_open, bar.high_open) == drawn
    assert made.most == 100


def test_what_a_range_leaves_out_is_drawn_with_the_reason() -> None:
    made = chart(
        death_range(
            [figure(1, Bound.EXACT, 3, 3), figure(2, Bound.EXACT, 5, 5, withdrawn=True)], category=Category.CIVILIAN
        )
    )
    assert [(bar.figure.key, bar.why) for bar in made.bars] == [(1, None), (2, "withdrawn by its source")]
    assert made.low == made.high


def test_nothing_but_zero_has_a_scale() -> None:
    made = chart(death_range([figure(1, Bound.EXACT, 0, 0)], category=Category.CIVILIAN))
    assert made.bars[0].start == made.bars[0].end == 0.0


def test_threads_run_side_by_side_on_one_scale(ledger: Database) -> None:
    with read_session(ledger) as session:
        one = dossier(session, find_incident(session, "market").key, tier=Tier.INTERNAL)
    assert one is not None
    made = timeline(one.threads, datetime(2026, 1, 1, tzinfo=UTC))
    assert made is not None
    assert [len(lane.stretches) for lane in made.lanes] == [3, 1]
    points = [at for lane in made.lanes for _, at in lane.steps]
    assert all(0 < at < WIDTH for at in points)
    assert made.lanes[0].steps[0][1] < made.lanes[1].steps[0][1], "22 March is before 23 March"
    assert [year for year, _ in made.years] == [2018]
    assert timeline([], datetime(2026, 1, 1, tzinfo=UTC)) is None
