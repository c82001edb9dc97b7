"""``incidents reconcile``: a published total held against the incidents in its scope."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from db.cells import visible
from db.vocabulary import Category, Outcome
from incidents.cli.answers import print_json
from incidents.cli.app import instant, reading
from incidents.cli.groups import AtlasCommand
from incidents.cli.options import AsOfOption, InOption, RuleOption, SourceRequired, TierOption
from incidents.cli.totals import (
    BelligerentsOption,
    Format,
    FormatOption,
    ReportsOption,
    claim_line,
    place_of,
    remarks,
    write_csv,
)
from incidents.ranges import Rule, number_text
from incidents.tiers import Tier
from incidents.totals.published import Split
from incidents.totals.reconcile import Reconciled, Verdict, reconcile
from incidents.totals.records import amount_record
from incidents.totals.scope import Asked
from incidents.totals.tally import Subject

COLUMNS = ("total", "minimum", "maximum", "verdict", "itemised", "itemised_strictly", "rest_low", "rest_high")


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("reconcile", cls=AtlasCommand)(reconcile_command)


def reconcile_command(
    source: SourceRequired,
    period: Annotated[
        str | None,
        typer.Option("--period", metavar="DATES", help="Of the total: 2017-03, or a/b. Left out: those without one."),
    ] = None,
    belligerent: BelligerentsOption = None,
    inside: InOption = None,
    category: Annotated[Category, typer.Option("--category", help="Who the total counts.")] = Category.CIVILIAN,
    outcome: Annotated[Outcome, typer.Option("--outcome", help="What befell them.")] = Outcome.KILLED,
    report: ReportsOption = None,
    rule: RuleOption = Rule.ENVELOPE,
    explain: Annotated[bool, typer.Option("--explain", help="Print each claim behind what is itemised.")] = False,
    form: FormatOption = Format.TABLE,
    as_of: AsOfOption = None,
    tier: TierOption = Tier.INTERNAL,
) -> None:
    """Hold a published total against the incidents in its scope: what is itemised of it, and what is not.

    Example: incidents reconcile --source SNHR --period 2017-03 --belligerent "US-led Coalition"
    --report seed-000 --report seed-001 --report seed-002
    """
    with reading() as session:
        area, countries = place_of(session, inside=inside)
        asked = Asked(
            Subject(category, outcome, rule), area=area, countries=countries, belligerents=tuple(belligerent or ()),
            reports=tuple(report or ()), as_of=instant(as_of), tier=tier,
        )  # fmt: skip
        found = reconcile(session, asked, source=source, period=period)
    if form is Format.JSON:
        print_json([_record(one, explain=explain) for one in found])
    elif form is Format.CSV:
        write_csv(COLUMNS, map(_row, found))
    else:
        for one in found:
            for line in _lines(one, explain=explain):
                typer.echo(visible(line))


def _lines(one: Reconciled, *, explain: bool) -> Iterator[str]:
    whole = one.whole
    by = f" by {whole.perpetrator}" if whole.perpetrator else " by all parties"
    reports = ", ".join(f"{figure.code} [{figure.report}]" for figure in one.figures)
    figure = number_text(whole.bound, whole.minimum, whole.maximum)
    what = f"{whole.outcome.value} {whole.category.value}".replace("_", " ")
    yield f"{whole.source}: {figure} {what}{by}, {whole.area}, {whole.period or whole.period_words} – {reports}"
    for split in one.splits:
        yield _split_line(split)
    also = " and of people" if len(one.sheet.found.asked.subject.read_as) > 0 else ""
    yield f"Itemised here, by the figures of {whole.category.value.replace('_', ' ')}{also}: {one.itemised.text()}"
    if also:
        yield f"  by the figures of {whole.category.value} alone: {one.strict.text()}"
    yield from (f"  {line}" for line in remarks(one.sheet))
    for row in one.sheet.event_records(explain=explain):
        yield f"  {', '.join(row['records'])}: {row['text']}, {row['fit']}"
        yield from (f"  {claim_line(claim)}" for claim in row.get("claims", ()))
    yield _verdict_line(one)


def _split_line(split: Split) -> str:
    sums = " + ".join(f"{number_of(group.low, group.high)} ({group.label})" for group in split.groups)
    rest = number_of(*split.rest())
    return f"  {split.way}: {sums} = {number_of(split.low, split.high)}; {rest} in none of them"


def _verdict_line(one: Reconciled) -> str:
    rest = number_of(*one.rest())
    is_open = one.itemised.low_open or one.itemised.high_open
    doubt = " (open: some figure names no least or no most)" if is_open else ""
    match one.verdict():
        case Verdict.SHORT:
            return f"Short: {rest} not itemised here{doubt}"
        case Verdict.EXCEEDING:
            over = [None if end is None else -end for end in one.rest()]
            return f"Exceeding: {number_of(over[1], over[0])} more than the total{doubt}"
        case Verdict.CONSISTENT:
            return f"Consistent{doubt}"
        case Verdict.SCOPE_DIFFERS:
            return f"Scope differs: {one.unread}; the numbers are not comparable"


def number_of(low: int | None, high: int | None) -> str:
    """Two ends in a few words; None is open."""
    if low is None:
        return "unknown" if high is None else f"{high:,} or fewer"
    if high is None:
        return f"{low:,} or more"
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _row(one: Reconciled) -> dict[str, Any]:
    low, high = one.rest()
    return {
        "total": one.whole.code, "minimum": one.whole.minimum, "maximum": one.whole.maximum,
        "verdict": one.verdict().value, "itemised": one.itemised.text(), "itemised_strictly": one.strict.text(),
        "rest_low": low, "rest_high": high,
    }  # fmt: skip


def _record(one: Reconciled, *, explain: bool) -> dict[str, Any]:
    return _row(one) | {
        "claims": [figure.code for figure in one.figures], "itemised": amount_record(one.itemised),
        "itemised_strictly": amount_record(one.strict), "unread": one.unread,
        "splits": [
            {
                "way": split.way, "low": split.low, "high": split.high, "rest_low": split.rest()[0],
                "rest_high": split.rest()[1],
                "parts": [
                    {"label": group.label, "low": group.low, "high": group.high,
                     "claims": [figure.code for figure in group.figures]} for group in split.groups
                ],
            }
            for split in one.splits
        ],
        "events": one.sheet.event_records(explain=explain),
    }  # fmt: skip
