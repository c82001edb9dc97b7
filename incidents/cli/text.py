"""How records look on a terminal: plain lines, nothing claimed that is not recorded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from db.vocabulary import Category, Outcome, PrecisionLevel
from gazetteer.geodesy import distance_m
from incidents.phrases import extent, when
from incidents.ranges import Range, Rule, all_ranges, death_range, number_text
from incidents.views import AttributionView, ClaimView, Dossier, LocationView, ThreadView

WIDTH = 110
SHOWN_PAIRS = 10
ENVELOPE_OF = {
    Rule.ENVELOPE: "lowest minimum to highest maximum of the eligible claims",
    Rule.CORROBORATED: "claims that another independence group backs with a number",
    Rule.CONSERVATIVE: "the lowest figure",
    Rule.LATEST_PER_SOURCE: "each source's last claim",
    Rule.OFFICIAL: "what the accused belligerents said",
}


def counted(count: int, noun: str) -> str:
    """A number with its noun, in the singular for 1.

    >>> counted(1, "incident"), counted(4, "claim"), counted(1200, "place")
    ('1 incident', '4 claims', '1,200 places')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def where(one: Dossier) -> str:
    """The precision and extent of the location that stands for the incident."""
    place = one.primary()
    if place is None:
        return "no place"
    return f"{place.precision.value} {extent(place)}"


def killed(one: Dossier, category: Category, rule: Rule) -> str:
    """The range of the killed of ``category``; empty when no claim is about it."""
    claimed = any(claim.outcome is Outcome.KILLED and claim.category is category for claim in one.event_claims)
    if not claimed:
        return ""
    found = death_range(one.event_claims, category=category, rule=rule)
    return found.text() + (" !" if len(found.contradictions) > 0 else "")


def status(one: Dossier) -> str:
    """Where each investigation stands."""
    if len(one.threads) == 0:
        return "not assessed"
    return "; ".join(dict.fromkeys(f"{thread.state().value} ({thread.authority_code})" for thread in one.threads))


def grading(one: Dossier) -> str:
    """The current gradings."""
    return "; ".join(dict.fromkeys(row.grading.value for row in one.current_gradings())) or "ungraded"


def sheet(one: Dossier, *, rule: Rule, explain: bool) -> Iterator[str]:
    """Everything about an incident, line by line."""
    yield f"{one.code}  {one.name}" + ("  [withdrawn]" if one.withdrawn else "")
    yield from _head(one)
    yield from _places(one.locations)
    yield from _ranges(one, rule, explain=explain)
    yield from _blame(one.attributions)
    yield from _section(
        "Gradings", (f"{row.grading.value}, by {row.by}{_on(row.graded)}: {row.why}" for row in one.gradings)
    )
    yield from _threads(one.threads)
    yield from _section(
        "Said of it",
        (
            f"{row.by}{_on(row.stated)}: {row.words}"
            f"{' (it is not certain that this incident is meant)' if row.uncertain_target else ''} [{row.report.code}]"
            for row in one.statements
        ),
    )
    if explain:
        yield from _section("Reports", (_cited(one)))


def _cited(one: Dossier) -> Iterator[str]:
    for row in one.reports:
        address = f" {row.archive_url or row.url}" if row.archive_url or row.url else ""
        yield f"[{row.code}] {row.publisher}: {row.title}{_on(row.published)}.{address}"


def _head(one: Dossier) -> Iterator[str]:
    others = [name.name for name in one.names if name.name != one.name]
    if len(others) > 0:
        yield from _lines("also: ", " · ".join(others))
    if len(one.codes) > 0:
        codes = (f"{c.scheme} {c.code}{' (former)' if c.former else ''}" for c in one.codes)
        yield from _lines("codes: ", ", ".join(codes))
    yield from _lines("when: ", when(one) + (f" – “{one.time_words}”" if one.time_words else ""))
    if len(one.same_as) > 0:
        together = f"{', '.join(one.same_as)} (ranges below are made of the claims of all of them)"
        yield from _lines("same event as: ", together)
    if one.note:
        yield from _lines("note: ", one.note)


def _lines(label: str, text: str) -> list[str]:
    """``text`` after ``label``, wrapped; no address or code is broken, or it could not be copied."""
    indent = " " * (len(label) - len(label.lstrip()))
    return wrap(
        text,
        WIDTH,
        initial_indent=f"  {label}",
        subsequent_indent=f"    {indent}",
        break_on_hyphens=False,
        break_long_words=False,
    )


def _on(date: str | None) -> str:
    return "" if date is None else f", {date}"


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    rows = list(lines)
    if len(rows) > 0:
        yield title
        for row in rows:
            yield from _lines("", row)


def _places(places: Sequence[LocationView]) -> Iterator[str]:
    located = [place for place in places if place.lon is not None]
    first = min(located, key=lambda place: not place.is_primary, default=None)
    yield from _section("Places (longitude, latitude)", (_place(place, first) for place in places))


def _place(place: LocationView, first: LocationView | None) -> str:
    point = "no point" if place.lon is None else f"{place.lon:.6g}, {place.lat:.6g} {extent(place)}"
    words = place.place_words or place.place_name
    parts = [
        f"#{place.key}",
        point,
        PrecisionLevel(place.precision).value,
        f"by {place.source}",
        "(primary)" if place is first and place.is_primary else _apart(place, first),
        f"“{words}”" if words else "",
        f"[{place.report.code}]",
    ]
    return " ".join(part for part in parts if part)


def _apart(place: LocationView, first: LocationView | None) -> str:
    if first is None or first is place or None in {place.lon, place.lat, first.lon, first.lat}:
        return ""
    away = distance_m(place.lon or 0.0, place.lat or 0.0, first.lon or 0.0, first.lat or 0.0)
    return f"– {away:,.0f} m from #{first.key}"


def ranges_of(one: Dossier, rule: Rule) -> list[Range]:
    """A range for each outcome and category that some claim of the event is about, in vocabulary order."""
    return all_ranges(one.event_claims, rule)


def _ranges(one: Dossier, rule: Rule, *, explain: bool) -> Iterator[str]:
    found = ranges_of(one, rule)
    if len(found) == 0:
        return
    yield f"Ranges (rule {rule.value}: {ENVELOPE_OF[rule]})"
    for row in found:
        yield from _range(row)
        if explain:
            yield from _explained(row)
    if len(one.set_claims) > 0:
        yield "Figures for several incidents together (in no range above)"
        for claim in one.set_claims:
            yield from _lines("", claim_line(claim))


def _range(row: Range) -> Iterator[str]:
    label = f"{row.outcome.value} {row.category.value}".replace("_", " ")
    denied = f"   denied by {', '.join(dict.fromkeys(claim.source for claim in row.denials))}" if row.denials else ""
    yield f"  {label:<28}{row.text()}{denied}"
    if len(row.contradictions) > 0:
        more = len(row.contradictions) - 1
        rest = f"; {counted(more, 'more pair')}" if more > 0 else ""
        yield from _lines("  contradiction: ", row.contradictions[0].text() + rest)


def _explained(row: Range) -> Iterator[str]:
    for claim in row.used:
        if isinstance(claim, ClaimView):
            yield from _lines("  used      ", claim_line(claim))
    for left in row.left_out:
        if isinstance(left.figure, ClaimView):
            yield from _lines("  left out  ", f"{claim_line(left.figure)} – {left.why}")
    for pair in row.contradictions[1:SHOWN_PAIRS]:
        yield from _lines("  contradiction: ", pair.text())
    if len(row.contradictions) > SHOWN_PAIRS:
        yield f"    ... and {counted(len(row.contradictions) - SHOWN_PAIRS, 'more pair')} that cannot both be right"


def claim_line(claim: ClaimView) -> str:
    """A claim on one line: figure, words, source, date, report, code."""
    figure = number_text(claim.bound, claim.minimum, claim.maximum)
    words = f" “{claim.words}”" if claim.words and claim.words != figure else ""
    report = "" if claim.report is None else f" [{claim.report.code}]"
    part = f" (of {claim.subset_of})" if claim.subset_of else ""
    said = claim.stated or (None if claim.report is None else claim.report.published)
    return f"{figure}{words} – {claim.source}{_on(said)}{report} {claim.code}{part}"


def _blame(rows: Sequence[AttributionView]) -> Iterator[str]:
    yield from _section(
        "Attributed to",
        (
            f"{row.organisation} ({row.role.value}, {row.strength.value}),"
            f" by {row.by}{_on(row.stated)} [{row.report.code}]"
            for row in rows
        ),
    )


def _threads(threads: Sequence[ThreadView]) -> Iterator[str]:
    if len(threads) > 0:
        yield "Investigations"
    for thread in threads:
        yield from thread_lines(thread)


def thread_lines(thread: ThreadView) -> Iterator[str]:
    """A thread: where it stands, and its steps in the order taken."""
    yield f"  {thread.authority}, {thread.process.value}: {thread.state().value}"
    for step in thread.steps:
        report = "" if step.report is None else f" [{step.report.code}]"
        reason = "" if step.reason.value == "none_given" else f" ({step.reason.value})"
        corrects = "" if step.corrects is None else f", corrects #{step.corrects}"
        text = f"#{step.key} {step.taken}  {step.kind.value} → {step.state.value}{reason}{corrects}: {step.why}{report}"
        yield from wrap(text, WIDTH, initial_indent="    ", subsequent_indent="      ", break_on_hyphens=False)
