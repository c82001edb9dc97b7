"""Which column of a table of places holds what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import InputError
from db.vocabulary import PlaceKind
from gazetteer.sources.own_columns import find_columns


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (["Name", "LATITUDE", "Longitude"], {"name": "Name", "lat": "LATITUDE", "lon": "Longitude"}),
        (["place", "y", "x", "pcode"], {"name": "place", "lat": "y", "lon": "x", "pcode": "pcode"}),
        (["name_ara", "name_eng", "lat", "lng"], {"name": "name_eng", "lat": "lat", "lon": "lng"}),
        (
            ["ADM2_EN", "ADM2_PCODE", "ADM1_EN", "lat", "lon"],
            {"name": "ADM2_EN", "pcode": "ADM2_PCODE", "admin1": "ADM1_EN", "lat": "lat", "lon": "lon"},
        ),
    ],
    ids=["small and large letters", "short words", "three-letter languages", "levels of OCHA"],
)
def test_usual_headers_are_recognised(header: list[str], fields: dict[str, str]) -> None:
    assert find_columns(header, None, file="f").by_field == fields


def test_languages_are_short_codes_and_the_level_gives_the_kind() -> None:
    assert find_columns(["name_ara", "name_ku", "lat", "lon"], None, file="f").languages == {
        "name_ara": "ar", "name_ku": "ku",
    }  # fmt: skip
    found = find_columns(["ADM3_EN", "ADM3_AR", "lat", "lon"], None, file="f")
    assert (found.kind, found.languages) == (PlaceKind.ADM3, {"ADM3_EN": "en", "ADM3_AR": "ar"})


def test_what_the_user_says_comes_first() -> None:
    given_columns = {"name": "b", "lat": "y", "lon": "x", "name_fr": "c"}
    found = find_columns(["name", "b", "c", "y", "x"], given_columns, file="f")
    assert (found.by_field["name"], found.languages, found.unused) == ("b", {"c": "fr"}, ("name",))


_NAMES = st.sampled_from(["name", "Name_AR", "name_en", "lat", "Y", "lon", "ADM2_EN", "admin1Name_en", "adm2_pcode"])


@given(st.lists(_NAMES | st.text(max_size=9).map("zz{}".format), min_size=1, max_size=9, unique=True))
def test_every_column_is_read_or_named_as_unused(header: list[str]) -> None:
    header = ["latitude_y", "longitude_x", "place_name", *(column for column in header if column not in ("lat", "lon"))]
    clashing = {"name", "y"} & {column.lower() for column in header}
    if clashing:
        with pytest.raises(InputError, match="ambiguous_column"):
            find_columns(header, None, file="f")
        return
    found = find_columns(header, None, file="f")
    assert {*found.by_field.values(), *found.languages, *found.unused} == set(header)
    assert found.by_field["lat"] == "latitude_y"
