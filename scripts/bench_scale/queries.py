"""Measures the queries by place and time, beside PostGIS written by hand and a comparison of every place."""

from __future__ import annotations

from bench_gazetteer.clock import progress

from bench_scale.asking import differences
from bench_scale.case import COLUMNS, SQLITE, Case
from bench_scale.figures import Measure, Rule
from bench_scale.generate import SEED
from bench_scale.places import make_places
from bench_scale.process import Figures, child
from bench_scale.regions import Question, questions
from bench_scale.server import new_database

NAME = "places"
BARS = {SQLITE: (Rule.WITHIN, 1.0), COLUMNS: (Rule.FASTER, 10.0), "postgresql": (Rule.WITHIN, 1.3)}
PEER = "PostGIS by hand, points on GiST"
WORKS = {"page_ms": "page of 100", "ids_ms": "all ids"}


def places(case: Case) -> list[Measure]:
    """Every question by place, as a page and as all ids."""
    asked = questions(make_places(SEED), SEED)
    truth = str(case.folder / f"all-{case.edition}.npz")
    compared = child("asking:compare_all", url=case.url, questions=asked, answers=truth)
    progress(f"{case.size:,} {case.edition}: every place compared with every question in {compared['seconds']:.1f} s")
    theirs = _by_hand(case, asked)
    found: list[Measure] = []
    for edition in _ways(case):
        answers = str(case.folder / "answers.npz")
        given = {"url": case.url, "questions": asked, "repeat": case.repeat, "answers": answers}
        ours = child("asking:ask", **given, in_memory=edition == COLUMNS)
        checked = differences(answers, truth, asked)
        found += _measures(case, edition, ours["by"], theirs, checked)
        if edition == COLUMNS:
            found.append(Measure(NAME, "reading the columns", case.size, edition, ours["read_ms"], "ms"))
            found.append(Measure(NAME, "columns: peak memory", case.size, edition, ours["peak_rss_mb"], "MB"))
        progress(f"{case.size:,} {edition}: {len(asked)} questions by place")
    return found


def _ways(case: Case) -> tuple[str, ...]:
    return (SQLITE, COLUMNS) if case.edition == SQLITE else (case.edition,)


def _by_hand(case: Case, asked: list[Question]) -> Figures:
    if case.server is None:
        return {}
    name, server = f"by_hand_{case.size}", str(case.server.folder)
    new_database(case.server, name)
    child("handwritten:fill", url=case.url, server=server, name=name)
    found: Figures = child("handwritten:ask", server=server, name=name, questions=asked, repeat=case.repeat)["by"]
    return found


def _measures(case: Case, edition: str, ours: Figures, theirs: Figures, checked: Figures) -> list[Measure]:
    found = []
    rule, bar = BARS[edition]
    for question, figures in ours.items():
        peer, check = theirs.get(question, {}), checked[question]
        note = f"{check['count']:,} ids, {check['differ']} differ from comparing every place"
        if "count" in peer:
            note += f"; the peer tests points only and finds {peer['count']:,}"
        if not check["page_is_start"]:
            note += "; the page is not the start of all ids"
        found += [
            Measure(
                NAME, f"{question}: {work}", case.size, edition, figures[unit], "ms", PEER, peer.get(unit), rule, bar,
                case.repeat,
            )
            for unit, work in WORKS.items()
        ]  # fmt: skip
        found.append(
            Measure(
                NAME, f"{question}: ids that differ", case.size, edition, check["differ"], "", "comparing every place",
                rule=Rule.AT_MOST, bar=0, notes=[note],
            )
        )  # fmt: skip
    return found
