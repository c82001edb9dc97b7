"""The ranking model: a choice among candidates, and its file."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gazetteer.geodesy import distance_m
from gazetteer.search.candidates import COLUMN, FEATURES
from gazetteer.search.model import EVIDENCE, NEAR_M, choice, distances_m, model, near_mass, order, read_model
from gazetteer.search.training import FIXED

SCORES = arrays.arrays(np.float64, st.integers(1, 12), elements=st.floats(-400, 400))


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    """The file that comes with the product."""
    text = (files("gazetteer.search") / "model.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


class TestFile:
    def test_it_has_a_weight_for_each_feature_and_no_other(self, stored: dict[str, Any]) -> None:
        assert tuple(stored["weights"]) == FEATURES
        assert all(np.isfinite(list(stored["weights"].values())))

    def test_it_has_three_classes_of_evidence(self, stored: dict[str, Any]) -> None:
        assert set(stored) == {"weights", "calibration", "sure_at"}
        assert tuple(stored["calibration"]) == tuple(stored["sure_at"]) == EVIDENCE == ("none", "admin1", "admin2")

    @pytest.mark.parametrize("evidence", EVIDENCE)
    def test_its_tables_rise_from_0_to_1(self, stored: dict[str, Any], evidence: str) -> None:
        raw, share = np.array(stored["calibration"][evidence]).T
        assert (raw[0], raw[-1]) == (0.0, 1.0)
        assert np.all(np.diff(raw) >= 0)
        assert np.all(np.diff(share) >= 0)
        assert 0.0 <= share[0] <= share[-1] < 1.0  # nothing is certain
        assert 0.5 < stored["sure_at"][evidence] <= 1.0

    def test_weights_set_by_hand_are_kept(self, stored: dict[str, Any]) -> None:
        assert {name: stored["weights"][name] for name in FIXED} == dict(FIXED)

    @pytest.mark.parametrize(
        ("name", "sign"),
        [
            ("letters_apart", -1), ("same_sound", 1), ("in_admin1", 1), ("outside_admin1", -1), ("outside_admin2", -1),
            ("near", -1), ("off_heading", -1), ("attested", 1),
        ],
    )  # fmt: skip
    def test_what_must_speak_for_or_against_a_place_does(self, name: str, sign: int) -> None:
        assert np.sign(model().weights[COLUMN[name]]) == sign

    def test_it_is_read_once(self) -> None:
        assert model() is model()


class TestReading:
    def test_a_feature_without_a_weight_counts_for_nothing(self) -> None:
        found = read_model(
            {"weights": {"same_sound": 2.0}, "calibration": {"none": [[0, 0], [1, 1]]}, "sure_at": {"none": 1}}
        )
        assert found.weights[COLUMN["same_sound"]] == 2.0
        assert np.count_nonzero(found.weights) == 1
        assert found.scores(np.eye(len(FEATURES)))[COLUMN["same_sound"]] == 2.0

    def test_a_probability_is_read_off_the_table(self) -> None:
        found = read_model(
            {"weights": {}, "calibration": {"none": [[0, 0.1], [0.5, 0.3], [1, 0.9]]}, "sure_at": {"none": 1}}
        )
        assert found.calibrated(np.array([0.0, 0.25, 0.5, 0.75, 1.0]), "none").tolist() == pytest.approx(
            [0.1, 0.2, 0.3, 0.6, 0.9]
        )


class TestChoice:
    @given(SCORES)
    def test_probabilities_add_up_to_1_in_the_order_of_the_scores(self, scores: Any) -> None:
        found = choice(scores)
        assert found.sum() == pytest.approx(1.0)
        assert np.all(found >= 0)
        assert np.all(np.diff(found[np.argsort(scores, kind="stable")]) >= -1e-12)

    @given(SCORES, st.floats(-100, 100))
    def test_only_differences_matter(self, scores: Any, more: float) -> None:
        np.testing.assert_allclose(choice(scores + more), choice(scores), atol=1e-9)

    def test_it_is_the_logit(self) -> None:
        assert choice(np.log(np.array([1.0, 2.0, 5.0]))).tolist() == pytest.approx([0.125, 0.25, 0.625])


class TestDistances:
    @given(st.floats(-180, 180), st.floats(-89, 89), st.floats(-180, 180), st.floats(-89, 89))
    def test_they_are_those_of_the_ellipsoid_to_half_a_percent(
        self, lon: float, lat: float, lon2: float, lat2: float
    ) -> None:
        found = distances_m(np.array([lon, lon2]), np.array([lat, lat2]))
        assert found[0, 0] == found[1, 1] == 0
        assert found[0, 1] == found[1, 0]
        assert found[0, 1] == pytest.approx(distance_m(lon, lat, lon2, lat2), rel=0.006, abs=1)

    def test_mass_is_what_is_near(self) -> None:
        apart = np.array([[0.0, 9_999.0, 50_000.0], [9_999.0, 0.0, NEAR_M + 1], [50_000.0, NEAR_M + 1, 0.0]])
        assert near_mass(np.array([0.5, 0.2, 0.3]), apart).tolist() == pytest.approx([0.7, 0.7, 0.3])


class TestOrder:
    def test_places_far_apart_are_in_the_order_of_their_probabilities(self) -> None:
        own = np.array([0.1, 0.5, 0.2])
        apart = np.full((3, 3), 1e6) * (1 - np.eye(3))
        assert order(own, near_mass(own, apart), apart).tolist() == [1, 2, 0]

    def test_near_places_lead_by_what_they_have_together(self) -> None:
        own = np.array([0.4, 0.3, 0.25])
        apart = np.array([[0, 1e6, 1e6], [1e6, 0, 5_000], [1e6, 5_000, 0]])
        assert order(own, near_mass(own, apart), apart).tolist() == [1, 2, 0]

    def test_a_hamlet_between_two_namesakes_does_not_lead(self) -> None:
        own = np.array([0.45, 0.02, 0.45])
        apart = np.array([[0, 9e3, 18e3], [9e3, 0, 9e3], [18e3, 9e3, 0]])
        mass = near_mass(own, apart)
        assert mass.argmax() == 1
        assert order(own, mass, apart)[0] in (0, 2)

    @given(arrays.arrays(np.float64, st.integers(0, 9), elements=st.floats(0, 1)), st.randoms())
    def test_it_names_each_position_once(self, own: Any, random: Any) -> None:
        lon = np.array([36 + random.random() for _ in own])
        lat = np.array([35 + random.random() for _ in own])
        apart = distances_m(lon, lat)
        assert sorted(order(own, near_mass(own, apart), apart).tolist()) == list(range(len(own)))
