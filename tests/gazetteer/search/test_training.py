"""Making the ranking model, and that the shipped one does what it claims."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from gazetteer.geodesy import distance_m
from gazetteer.locate import locate
from gazetteer.search import training
from gazetteer.search.answer import Answer, PlaceVerdict
from gazetteer.search.candidates import COLUMN, FEATURES
from gazetteer.search.model import EVIDENCE, NEAR_M, model, read_model
from gazetteer.search.training import FIXED, FOLDS, Example, Prediction, example, fit, predict, train

ROW = {"text": "Mansoura", "country": "SY", "admin1": "Homs", "admin2": None, "lon": 37.01, "lat": 34.31}
SAMPLE = 150


def toy(seed: int, count: int, *, width: int = 4) -> list[Example]:
    """Rows in which the candidate with fewest letters apart, of the stated governorate, is mostly the right one."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        features = np.zeros((width + 1, len(FEATURES)))
        features[:-1, COLUMN["letters_apart"]] = random.uniform(0, 4, width)
        features[:-1, COLUMN["in_admin1"]] = random.integers(0, 2, width)
        features[:-1, COLUMN["population"]] = random.uniform(0, 6, width)  # says nothing
        features[-1, COLUMN["nothing"]] = 1
        value = (
            -2 * features[:, COLUMN["letters_apart"]]
            + 3 * features[:, COLUMN["in_admin1"]]
            - 1.5 * (np.arange(width + 1) == width)
        )
        best = int((value + random.gumbel(0, 1, width + 1)).argmax())
        right = np.arange(width) == best
        apart = np.full((width, width), 1e5) * (1 - np.eye(width))
        rows.append(Example(f"place {number}", EVIDENCE[number % 3], features, right, apart, right))
    return rows


def made(pairs: list[tuple[float, bool]]) -> list[Prediction]:
    """Predictions of names that no other place has."""
    return [Prediction(raw, right, shared=False) for raw, right in pairs]


@pytest.fixture(autouse=True, scope="module")
def few_steps() -> Any:
    """A tenth of the steps do for toys of a few hundred rows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "STEPS", 250)
        yield


@pytest.fixture(scope="module")
def weights(few_steps: Any) -> dict[str, float]:
    """What is learned from a toy."""
    return dict(zip(FEATURES, fit(toy(1, 600)).tolist(), strict=True))


@pytest.fixture(scope="module")
def rows() -> list[Example]:
    """A toy for a whole training."""
    return toy(6, 240)


@pytest.fixture(scope="module")
def stored(few_steps: Any, rows: list[Example]) -> dict[str, Any]:
    """What comes of it."""
    return train(rows)


@pytest.fixture(scope="module")
def answers(real: Session, shared_data: Path) -> list[tuple[dict[str, Any], Answer]]:
    """Syrian texts with their governorate, and what they are answered."""
    lines = (shared_data / "geocoding" / "ucdp_sy.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [row for row in map(json.loads, lines) if row["split"] == "dev" and row["prec"] in (1, 2)]
    sample = texts[:: max(1, len(texts) // SAMPLE)][:SAMPLE]
    return [(row, locate(real, row["text"], country="SY", admin1=row["admin1"])) for row in sample]


class TestFit:
    def test_it_recovers_what_the_labels_follow(self, weights: dict[str, float]) -> None:
        assert weights["letters_apart"] == pytest.approx(-2, abs=0.6)
        assert weights["in_admin1"] == pytest.approx(3, abs=0.9)
        assert weights["nothing"] == pytest.approx(-1.5, abs=0.9)
        assert abs(weights["population"]) < 0.25

    def test_a_feature_that_never_occurs_has_no_weight(self, weights: dict[str, float]) -> None:
        assert weights["outside_admin2"] == pytest.approx(0, abs=1e-6)

    def test_weights_set_by_hand_stay(self, weights: dict[str, float]) -> None:
        assert {name: weights[name] for name in FIXED} == dict(FIXED)

    def test_the_right_candidate_is_mostly_first_on_rows_not_seen(self, weights: dict[str, float]) -> None:
        learned = np.array([weights[name] for name in FEATURES])
        rows = [item for item in toy(2, 300) if item.right.any()]
        hits = np.mean([predict(item, learned).right for item in rows])
        chance = np.mean([predict(item, np.zeros(len(FEATURES))).right for item in rows])
        assert hits > 0.65
        assert hits > chance + 0.25

    def test_a_row_without_candidates_is_allowed(self) -> None:
        nothing = np.zeros((1, len(FEATURES)))
        nothing[0, COLUMN["nothing"]] = 1
        empty = Example("nowhere", "none", nothing, np.zeros(0, dtype=bool), np.zeros((0, 0)), np.zeros(0, dtype=bool))
        assert predict(empty, np.ones(len(FEATURES))) == Prediction(0.0, right=False, shared=False)
        assert np.isfinite(fit([*toy(3, 30), empty])).all()


class TestCalibration:
    @settings(max_examples=60)
    @given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=200))
    def test_the_table_rises_and_is_made_of_shares(self, pairs: list[tuple[float, bool]]) -> None:
        raw, share = np.array(training._isotonic(made(pairs))).T
        assert np.all(np.diff(raw) >= -1e-4)
        assert np.all(np.diff(share) >= -1e-4)
        assert np.all((share >= 0) & (share <= 1))
        assert (raw[0], raw[-1]) == (0.0, 1.0)

    def test_probabilities_that_are_right_stay(self) -> None:
        random = np.random.default_rng(4)
        raw = random.uniform(0, 1, 4_000)
        pairs = [(float(value), bool(random.uniform() < value)) for value in raw]
        table = np.array(training._isotonic(made(pairs))).T
        inner = np.linspace(0.1, 0.9, 9)
        np.testing.assert_allclose(np.interp(inner, *table), inner, atol=0.06)

    def test_boasting_is_corrected(self) -> None:
        random = np.random.default_rng(5)
        pairs = [(float(value), bool(random.uniform() < value**3)) for value in random.uniform(0, 1, 4_000)]
        table = np.array(training._isotonic(made(pairs))).T
        assert np.interp(0.7, *table) == pytest.approx(0.7**3, abs=0.08)

    def test_sure_is_where_enough_is_right(self) -> None:
        pairs = [(0.9, True)] * 98 + [(0.9, False)] * 2 + [(0.5, True)] * 50 + [(0.5, False)] * 50
        assert training._sure_at(made(pairs)) == 0.9
        assert training._sure_at(made([(0.9, True)] * 10)) == 0.9
        assert training._sure_at(made([(0.9, False)] * 10)) == 1.0


class TestTrain:
    def test_the_same_rows_make_the_same_file(self, rows: list[Example], stored: dict[str, Any]) -> None:
        assert json.dumps(train(rows)) == json.dumps(stored)

    def test_it_can_be_read_back(self, stored: dict[str, Any]) -> None:
        again = read_model(json.loads(json.dumps(stored)))
        assert tuple(stored["weights"]) == FEATURES
        assert set(again.tables) == set(again.sure_at) == set(EVIDENCE)
        assert again.weights[COLUMN["letters_apart"]] < 0 < again.weights[COLUMN["in_admin1"]]

    def test_folds_are_of_texts_in_any_case_and_about_equal(self) -> None:
        assert training._fold("Manbij") == training._fold("MANBIJ")
        sizes = Counter(training._fold(f"place {number}") for number in range(1_000))
        assert sorted(sizes) == list(range(FOLDS))
        assert min(sizes.values()) > 150


class TestExample:
    def test_a_namesake_farther_off_makes_a_prediction_a_shared_one(self, small: Session) -> None:
        weights = model().weights
        assert predict(example(small, ROW, "none"), weights).shared
        assert not predict(example(small, ROW | {"text": "Tall Rifat"}, "none"), weights).shared

    def test_candidates_within_10_km_of_the_truth_are_right(self, small: Session) -> None:
        item = example(small, ROW, "admin1")
        assert item.right.sum() == 1
        assert item.features.shape == (len(item.right) + 1, len(FEATURES))
        assert item.apart.shape == (len(item.right), len(item.right))
        assert item.evidence == "admin1"

    def test_only_the_named_evidence_is_used(self, small: Session) -> None:
        row = ROW | {"admin2": "Manbij", "admin1": "Aleppo"}
        known = {
            evidence: example(small, row, evidence).features[-1, [COLUMN["nothing_admin1"], COLUMN["nothing_admin2"]]]
            for evidence in EVIDENCE
        }
        assert {evidence: found.tolist() for evidence, found in known.items()} == {
            "none": [0, 0], "admin1": [1, 0], "admin2": [1, 1],
        }  # fmt: skip

    def test_a_truth_far_from_all_candidates_leaves_none_right(self, small: Session) -> None:
        assert not example(small, ROW | {"lon": 40.9, "lat": 33.1}, "admin1").right.any()


class TestShippedModel:
    """On a sample of labelled texts that the model was made from: a broken model.json must not pass."""

    def test_the_first_answer_is_right_in_most(self, answers: list[tuple[dict[str, Any], Answer]]) -> None:
        assert len(answers) == SAMPLE
        hits = [
            len(answer.candidates) > 0 and _apart(row, answer.candidates[0].lon, answer.candidates[0].lat) <= NEAR_M
            for row, answer in answers
        ]
        assert np.mean(hits) >= 0.74  # 0.77 as shipped; 0.72 without the weights of letters, 0.70 without governorates

    def test_what_is_sure_is_right(self, answers: list[tuple[dict[str, Any], Answer]]) -> None:
        sure = [(row, answer) for row, answer in answers if answer.verdict is PlaceVerdict.SURE]
        assert len(sure) >= 0.5 * SAMPLE
        assert np.mean([_apart(row, answer.lon or 0, answer.lat or 0) <= NEAR_M for row, answer in sure]) >= 0.93

    def test_probabilities_are_about_the_shares(self, answers: list[tuple[dict[str, Any], Answer]]) -> None:
        firsts = [(row, answer.candidates[0]) for row, answer in answers if answer.candidates and answer.relation == ""]
        pairs = [(first.probability, _apart(row, first.lon, first.lat) <= NEAR_M) for row, first in firsts]
        claimed, right = (float(np.mean(column)) for column in zip(*pairs, strict=True))
        assert claimed == pytest.approx(right, abs=0.06)
        high = [hit for probability, hit in pairs if probability >= 0.9]
        low = [hit for probability, hit in pairs if probability < 0.5]
        assert np.mean(high) >= 0.9
        assert np.mean(low) <= 0.5

    def test_the_truth_is_mostly_within_the_radius(self, answers: list[tuple[dict[str, Any], Answer]]) -> None:
        inside = [
            _apart(row, answer.lon, answer.lat or 0) <= (answer.radius_m or 0)
            for row, answer in answers if answer.lon is not None
        ]  # fmt: skip
        assert np.mean(inside) >= 0.85


def _apart(row: dict[str, Any], lon: float, lat: float) -> float:
    """Metres from the truth."""
    return distance_m(lon, lat, row["lon"], row["lat"])
