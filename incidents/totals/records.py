"""Totals as plain records: what the table, the CSV and the JSON of a total are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from incidents.phrases import local_day
from incidents.ranges import Figure, number_text
from incidents.totals.breakdown import Part
from incidents.totals.facts import Counted, Facts
from incidents.totals.scope import Gathered
from incidents.totals.tally import Amount, Event, Fit, Tally

ENDS = ("low", "high", "low_open", "high_open")
COLUMNS = ("event", "records", "name", "first_day", "last_day", "fit", *ENDS, "text", "part_of", "why")
PART_COLUMNS = ("label", *ENDS, "text", "surely", "possibly", "without_figure", "unsure_pairs")
Cells = dict[str, Any]


@dataclass(frozen=True)
class Sheet:
    """A total with all that it is made of."""

    found: Gathered
    tally: Tally

    def facts(self, event: Event) -> list[Facts]:
        """The records of an event, the first recorded first."""
        held = {facts.key: facts for facts in self.found.facts}
        return [held[key] for key in event.keys]

    def fits(self, fit: Fit) -> int:
        """How many events answer so."""
        return sum(event.fit is fit for event in self.tally.different.events)

    def event_records(self, *, explain: bool = False) -> list[Cells]:
        """A record for each event in scope, then for those of which nobody knows, in the order of time."""
        events = [*self.tally.counted(), *self.tally.apart()]
        rows = [self._event(event, explain=explain) for event in events]
        return sorted(rows, key=lambda row: (row["fit"] == Fit.UNKNOWN, row["first_day"] or "9", row["event"]))

    def _event(self, event: Event, *, explain: bool) -> Cells:
        records = self.facts(event)
        first, last = _days(records)
        whole = None if event.whole is None else self.tally.different.events[event.whole]
        row: Cells = {
            "event": records[0].code, "records": [one.code for one in records], "name": records[0].name,
            "first_day": first, "last_day": last, "fit": event.fit.value, "low": event.found.low,
            "high": event.found.high, "low_open": event.found.low_open, "high_open": event.found.high_open,
            "text": event.found.text(), "part_of": None if whole is None else self.facts(whole)[0].code,
            "why": self._doubts(records, event.fit),
        }  # fmt: skip
        if explain:
            row["claims"] = [*_used(event.found.used), *_left(event)]
        return row

    def _doubts(self, records: Sequence[Facts], fit: Fit) -> list[str]:
        """Why an event is not surely in scope."""
        if fit is Fit.SURELY:
            return []
        answers = [self.found.record(one) for one in records]
        doubts = {
            "it may lie outside the period": {one.time for one in answers} - {Fit.SURELY, Fit.UNKNOWN},
            "no time is known": {one.time for one in answers} <= {Fit.UNKNOWN},
            "it may lie outside the place": {one.place for one in answers} - {Fit.SURELY, Fit.UNKNOWN},
            "no place is known": {one.place for one in answers} <= {Fit.UNKNOWN},
            "another actor is accused, or it is disputed": any(one.contested for one in answers),
        }
        return [why for why, holds in doubts.items() if holds]

    def undecided(self) -> list[Cells]:
        """The undecided pairs, by the codes of their records."""
        codes = {facts.key: facts.code for facts in self.found.facts}
        return [{"first": codes[low], "second": codes[high]} for low, high in self.tally.unsure]

    def total_record(self, parts: Iterable[Part] = (), *, explain: bool = False) -> Cells:
        """Everything, for JSON."""
        subject, tally = self.found.asked.subject, self.tally
        return {
            "outcome": subject.outcome.value, "category": subject.category.value, "rule": subject.rule.value,
            "total": amount_record(tally.total),
            "undecided_as_one_event": amount_record(tally.same.total),
            "undecided_as_two_events": amount_record(tally.different.total),
            "undecided": self.undecided(),
            "events_surely": self.fits(Fit.SURELY), "events_possibly": self.fits(Fit.POSSIBLY),
            "events_unknown": self.fits(Fit.UNKNOWN), "incidents_untimed": self.found.untimed,
            "events_without_figure": tally.without_figure(),
            "parts": [part_record(part) for part in parts], "events": self.event_records(explain=explain),
        }  # fmt: skip


def _days(records: Sequence[Facts]) -> tuple[str | None, str | None]:
    """The first and last local day that some record allows."""
    firsts = [local_day(one.start, one.tz) for one in records if one.start is not None]
    lasts = [local_day(one.end, one.tz) for one in records if one.end is not None]
    return min(firsts, default=None), max(lasts, default=None)


def amount_record(amount: Amount) -> Cells:
    """Low and high are null where nothing is known."""
    low, high = (amount.low, amount.high) if amount.known else (None, None)
    return {
        "low": low, "high": high, "low_open": amount.low_open, "high_open": amount.high_open, "text": amount.text(),
    }  # fmt: skip


def part_record(part: Part) -> Cells:
    """A line of a breakdown."""
    fits = [event.fit for event in part.tally.different.events]
    return {
        "label": part.label, **amount_record(part.tally.total), "surely": fits.count(Fit.SURELY),
        "possibly": fits.count(Fit.POSSIBLY), "without_figure": part.tally.without_figure(),
        "unsure_pairs": len(part.tally.unsure),
    }  # fmt: skip


def _used(figures: Iterable[Figure]) -> list[Cells]:
    return [{"use": "used", "why": None} | figure_record(figure) for figure in figures]


def _left(event: Event) -> list[Cells]:
    return [{"use": "left_out", "why": left.why} | figure_record(left.figure) for left in event.found.left_out]


def figure_record(figure: Figure) -> Cells:
    """A claim as the explanation of a total shows it."""
    counted = figure if isinstance(figure, Counted) else None
    return {
        "claim": figure.code, "category": figure.category.value, "bound": figure.bound.value,
        "minimum": figure.minimum, "maximum": figure.maximum, "words": figure.words,
        "figure": number_text(figure.bound, figure.minimum, figure.maximum), "source": figure.source,
        "incident": None if counted is None else counted.incident,
        "report": None if counted is None else counted.report, "stated": None if counted is None else counted.stated,
    }  # fmt: skip
