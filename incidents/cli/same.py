"""``incidents same``: which records are one event."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from db.cells import visible
from db.errors import AtlasError
from db.vocabulary import Verdict
from incidents.cli.app import console, counting, given, reading, recording
from incidents.cli.groups import AtlasCommand, new_app
from incidents.cli.options import ByOption, TierOption
from incidents.cli.text import counted
from incidents.inputs import validated
from incidents.records import find_incident
from incidents.same_event import JudgementInput, judge
from incidents.suggestions.accounts import Account, day_text
from incidents.suggestions.proposals import LEAST, Suggestion, suggest
from incidents.tiers import Tier

LeastOption = Annotated[
    float, typer.Option("--least", metavar="P", min=0, max=1, help="The probability from which a pair is listed.")
]
LimitOption = Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Pairs at most.")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    same = new_app("Which records are one event, or part of another.")
    same.command("judge", cls=AtlasCommand)(judge_command)
    same.command("suggest", cls=AtlasCommand)(suggest_command)
    same.command("review", cls=AtlasCommand)(review_command)
    same.command("evaluate", cls=AtlasCommand)(evaluate_command)
    app.add_typer(same, name="same")


def judge_command(
    first: Annotated[str, typer.Argument(metavar="INCIDENT", help="Code, a source's code, or a name.")],
    second: Annotated[str, typer.Argument(metavar="INCIDENT", help="The other one.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The evidence, kept with the judgement.")],
    verdict: Annotated[
        Verdict,
        typer.Option(
            "--verdict",
            help="Whether they are one event, or the first is part of the second; undecided undoes what was judged.",
        ),
    ] = Verdict.SAME,
    report: Annotated[
        list[str] | None, typer.Option("--report", metavar="REPORT", help="A report that shows it; may be repeated.")
    ] = None,
    by: ByOption = None,
) -> None:
    """Judge whether two records are one event. Both keep all their rows; totals count the event once.

    Example: incidents same judge al-jinah aleppo-mosque --why "same strike, other name" --report bellingcat-2017-04
    """
    data = given(first=first, second=second, verdict=verdict, evidence=why, reports=report)
    with recording(by, why) as session:
        judge(session, validated(JudgementInput, data, where="judgement"))
    typer.echo(f"{first} and {second}: {verdict.value}")


def suggest_command(
    incidents: Annotated[
        list[str] | None, typer.Argument(metavar="INCIDENT", help="Only pairs of these; by default of all.")
    ] = None,
    least: LeastOption = LEAST,
    limit: LimitOption = 20,
    judged: Annotated[bool, typer.Option("--judged", help="Those that were judged as well.")] = False,
    reasons: Annotated[bool, typer.Option("--reasons", help="What speaks for and against, below each pair.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON, with all reasons.")] = False,
    tier: TierOption = Tier.INTERNAL,
) -> None:
    """Propose pairs of records that may be one event, the likeliest first. Nothing is joined by it.

    Example: incidents same suggest al-jinah --reasons
    """
    found = _suggested(incidents, least=least, judged=judged, tier=tier)
    if json:
        typer.echo(orjson.dumps([_as_json(one) for one in found[:limit]], option=orjson.OPT_INDENT_2).decode())
        return
    console().print(_table(found[:limit], reasons=reasons))
    more = f"; --limit {len(found)} shows all" if len(found) > limit else ""
    typer.echo(f"{counted(len(found), 'pair')} to judge{more}. None is joined: incidents same review")


def _suggested(names: list[str] | None, *, least: float, judged: bool, tier: Tier) -> list[Suggestion]:
    with reading() as session, counting("records compared") as progress:
        keys = None if not names else [find_incident(session, name).key for name in names]
        return suggest(session, tier=tier, around=keys, least=least, judged=judged, progress=progress)


def _as_json(one: Suggestion) -> dict[str, Any]:
    return {
        "first": one.first.code,
        "second": one.second.code,
        "probability": round(one.probability, 4),
        "killed_at_most": one.killed,
        "judged": one.judged,
        "reasons": [asdict(reason) for reason in one.reasons],
    }


def _table(found: list[Suggestion], *, reasons: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("Probability", "Record", "Day", "Killed", "Record", "Day", "Killed", "Judged"):
        table.add_column(column)
    for one in found:
        cells = [cell for side in (one.first, one.second) for cell in (side.code, _days(side), _killed(side))]
        table.add_row(f"{one.probability:.2f}", *map(visible, cells), one.judged.value if one.judged else "")
        for reason in one.reasons if reasons else ():
            table.add_row("", visible(str(reason)))
    return table


def _days(one: Account) -> str:
    if one.start is None or one.end is None:
        return "unknown"
    first, last = day_text(one.start), day_text(one.end)
    return first if first == last else f"{first}..{last}"


def _killed(one: Account) -> str:
    if one.killed is None:
        return "unknown"
    low, high = one.killed
    return f"{low:.0f}" if low == high else f"{low:.0f}–{high:.0f}"


VERDICTS = {"s": Verdict.SAME, "d": Verdict.DIFFERENT, "u": Verdict.UNSURE, "p": Verdict.PART_OF}
SIDES = ("code", "day", "where", "point", "killed", "injured", "who", "document")


def review_command(
    least: LeastOption = LEAST,
    limit: LimitOption = 100,
    by: ByOption = None,
) -> None:
    """Judge the proposed pairs one by one, those with most deaths times probability first.

    Each answer is recorded at once, with the evidence you type. s same, d different, u unsure, p the first is part of
    the second, r the other way round, k skip, q quit.

    Example: incidents same review --least 0.2 --by editor
    """
    queue = sorted(_suggested(None, least=least, judged=False, tier=Tier.INTERNAL), key=lambda one: -one.weight)[:limit]
    done = 0
    for number, one in enumerate(queue, 1):
        typer.echo(f"\n{number} of {len(queue)}: probability {one.probability:.2f}")
        console().print(_side_by_side(one))
        answer = typer.prompt("s/d/u/p/r/k/q").strip().lower()
        while answer not in {*VERDICTS, "r", "k", "q"}:
            answer = typer.prompt("One of s, d, u, p, r, k, q").strip().lower()
        if answer == "q":
            break
        if answer != "k":
            done += _record(one, answer, by)
    typer.echo(f"{counted(done, 'judgement')} recorded.")


def _record(one: Suggestion, answer: str, by: str | None) -> int:
    why = typer.prompt("Evidence").strip()
    pair = [one.first.code, one.second.code]
    if answer == "r":
        pair.reverse()
    data = {"first": pair[0], "second": pair[1], "verdict": VERDICTS.get(answer, Verdict.PART_OF), "evidence": why}
    try:
        with recording(by, why) as session:
            judge(session, validated(JudgementInput, data, where="judgement"))
    except AtlasError as error:
        typer.echo(visible(str(error)), err=True)
        return 0
    return 1


def _side_by_side(one: Suggestion) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("", "First", "Second"):
        table.add_column(column)
    first, second = (_told(side) for side in (one.first, one.second))
    for name in SIDES:
        table.add_row(name, visible(first[name]), visible(second[name]))
    for reason in one.reasons:
        table.add_row("reason", visible(str(reason)))
    return table


def _told(one: Account) -> dict[str, str]:
    point = "no point"
    if one.lon is not None and one.lat is not None:
        point = f"{one.lat:.5f}, {one.lon:.5f} ±{one.radius_km or 0:.2f} km"
    injured = "unknown" if one.injured is None else f"{one.injured[0]:.0f}–{one.injured[1]:.0f}"
    return {
        "code": one.code, "day": _days(one), "where": "; ".join(one.places[:4]), "point": point,
        "killed": _killed(one), "injured": injured, "who": "; ".join(one.actors), "document": one.document or "",
    }  # fmt: skip


def evaluate_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="MAVERICK's reports as CSV.", exists=True)],
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FILE", help="Learn from all reports and write the model here.")
    ] = None,
) -> None:
    """Learn the scores from labelled reports and measure them on reports that they have not seen.

    Five folds by quarter of the year, no event in two of them; then each country by a model of the others. Needs the
    extra ``training``.

    Example: incidents same evaluate reports.csv
    """
    from incidents.suggestions.bars import bars  # here: only this command trains
    from incidents.suggestions.evaluation import Labelled, whole
    from incidents.suggestions.maverick import read_maverick
    from incidents.suggestions.model import write_model

    with counting("learning") as progress:
        data = Labelled.of(*read_maverick(file))
        found = bars(data, progress)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in ("", "Measured", "Bar", "Before", "Met"):
        table.add_column(column)
    for bar in found:
        table.add_row(bar.name, f"{bar.value:.4g}", bar.told, f"{bar.before:g}", "yes" if bar.met else "no")
    console().print(table)
    if write is not None:
        with counting("learning from all") as progress:
            write.write_text(write_model(whole(data, progress)), encoding="utf-8")
        typer.echo(f"Model written to {write}.")
