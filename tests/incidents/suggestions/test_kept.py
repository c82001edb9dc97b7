"""Records kept with their pairs say what a look at everything says, whatever came and went."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

import incidents.suggestions.kept as module
import incidents.suggestions.model as of_model
from incidents.suggestions.accounts import Account, Accounts
from incidents.suggestions.kept import Kept
from incidents.suggestions.model import model
from incidents.suggestions.proposals import Scored, score
from tests.incidents.suggestions.tellings import told

Found = dict[tuple[str, str], float]


def by_code(scored: Scored) -> Found:
    rows = scored.round_them.accounts.rows
    return {
        (min(pair), max(pair)): probability
        for pair, probability in (
            ((rows[one].code, rows[other].code), float(probability))
            for one, other, probability in zip(scored.left, scored.right, scored.probability, strict=True)
        )
    }


def expected(accounts: list[Account], code: str) -> Found:
    return {pair: found for pair, found in by_code(score(Accounts(accounts), model())).items() if code in pair}


def wordless(accounts: list[Account]) -> list[Account]:
    """What a change leaves as it was, the rarity of words, is nothing here."""
    return [
        replace(row, places=(), spot="", actors=(), title="", target=None, kind=None) for row in accounts
    ]  # fmt: skip


@pytest.mark.parametrize("most", [60, 4])
def test_nothing_changed_says_what_a_look_at_everything_says(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (module, of_model):
        monkeypatch.setattr(place, "MOST", most)
    rows = list(told(150, 1).rows)
    kept = Kept(dict(enumerate(rows)), model())
    for key in range(0, 150, 10):
        found = by_code(kept.of([key]))
        assert found == pytest.approx(expected(rows, rows[key].code), abs=1e-9)
    assert sum(len(by_code(kept.of([key]))) for key in range(150)) > 150


@pytest.mark.parametrize("sourced", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_what_comes_changes_and_goes_is_as_if_it_had_always_been_so(seed: int, *, sourced: bool) -> None:
    rows, spare = (wordless(list(told(90, seed * 10 + number).rows)) for number in (0, 1))
    if not sourced:
        rows, spare = ([replace(row, document=None, publisher=None) for row in every] for every in (rows, spare))
    # A pair that is not near a change keeps its score though its document has grown; its neighbours feel that a little.
    exact = pytest.approx if not sourced else partial(pytest.approx, abs=1e-3)
    random = np.random.default_rng(seed)
    now = dict(enumerate(rows))
    kept = Kept(now, model())
    for step in range(8):
        changed: dict[int, Account | None] = {}
        for _ in range(1 + step % 3):
            key = int(random.integers(0, 120))
            changed[key] = None if key % 5 == 0 else replace(spare[key % 90], code=f"s{key}")
        kept.put(changed)
        now = {key: row for key, row in (now | changed).items() if row is not None}
        for key, row in changed.items():
            found = by_code(kept.of([key]))
            whole = {} if row is None else expected([*now.values()], row.code)
            assert set(found) == set(whole)
            assert found == exact(whole)
    assert kept.late > 0


def test_words_stay_as_rare_and_new_ones_are_the_rarest() -> None:
    rows = list(told(60, 3).rows)
    kept = Kept(dict(enumerate(rows[:59])), model())
    kept.put({59: replace(rows[59], title="unheard words")})
    twin = replace(rows[59], code="twin", title="unheard words")
    kept.put({60: twin})
    found = by_code(kept.of([60]))
    assert max(found, key=lambda pair: found[pair]) == ("r59", "twin")
