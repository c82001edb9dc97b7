"""The names of boundary features, as each provider writes them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import InputError
from db.vocabulary import NameKind, PlaceKind
from gazetteer.sources.labels import labels_of

OLD_OCHA = {
    "ADM1_EN": "Idleb", "ADM1_AR": "ادلب", "ADM1ALT1EN": "Idlib", "ADM1_REF": "Idlib ref", "ADM1_PCODE": "SY07",
    "ADM0_EN": "Syrian Arab Republic", "ADM0_PCODE": "SY",
}  # fmt: skip
NEW_OCHA = {
    "adm1_name": "Idleb", "adm1_name1": "ادلب", "adm1_name2": None, "adm1_pcode": "SY07", "lang": "en", "lang1": "ar",
    "lang2": None, "adm0_name": "Syria", "adm0_pcode": "SY",
}  # fmt: skip
WOF = {
    "wof:name": "Idlib", "name:ara_x_preferred": ["إدلب"], "name:eng_x_variant": ["Edlib", "Idleb"],
    "name:ckb_x_preferred": ["ئیدلیب"], "wof:lang": ["ara"], "name:und_x_variant": ["Idlib Governorate"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("properties", "name", "others", "languages", "codes"),
    [
        pytest.param(OLD_OCHA, "Idleb", {"ادلب", "Idlib", "Idlib ref"},
                     {"Idleb": "en", "ادلب": "ar", "Idlib": "en"}, ("SY07",), id="OCHA until 2024"),
        pytest.param(NEW_OCHA, "Idleb", {"ادلب"}, {"Idleb": "en", "ادلب": "ar"}, ("SY07",), id="OCHA since 2024"),
        pytest.param({"admin1Name_en": "Idleb", "admin1Name_ar": "ادلب", "admin1Pcode": "SY07"}, "Idleb", {"ادلب"},
                     {"Idleb": "en", "ادلب": "ar"}, ("SY07",), id="OCHA, the oldest"),
        pytest.param({"shapeName": "Idlib", "shapeISO": "SY-ID", "shapeID": "7B"}, "Idlib", set(), {}, (),
                     id="geoBoundaries"),
        pytest.param({"NAME_1": "Idlib", "VARNAME_1": "Edlib|Idleb", "NL_NAME_1": "NA", "GID_1": "SYR.7_1"}, "Idlib",
                     {"Edlib", "Idleb"}, {}, (), id="GADM"),
        pytest.param({"name": "Idlib", "name_ar": "محافظة إدلب", "name_fr": "Idleb", "name_alt": "Edlib"},
                     "Idlib", {"محافظة إدلب", "Idleb", "Edlib"}, {"محافظة إدلب": "ar", "Idleb": "fr"}, (),
                     id="Natural Earth"),
        pytest.param(WOF, "Idlib", {"إدلب", "Edlib", "Idleb", "ئیدلیب", "Idlib Governorate"},
                     {"إدلب": "ar", "Edlib": "en", "Idleb": "en"}, (), id="Who's On First"),
        pytest.param({"name": "Idlib", "name_ara": "إدلب|ادلب"}, "Idlib", {"إدلب", "ادلب"},
                     {"إدلب": "ar", "ادلب": "ar"}, (), id="a flat file of Who's On First"),
        pytest.param({"name": "Idlib", "name_id": "SY-ID", "adm1_id": "a7"}, "Idlib", set(), {}, (),
                     id="a key is no Indonesian name"),
    ],
)  # fmt: skip
def test_names_languages_and_codes_of_each_provider(
    properties: dict[str, Any], name: str, others: set[str], languages: dict[str, str], codes: tuple[str, ...]
) -> None:
    labels = labels_of(properties, PlaceKind.ADM1, "here")
    assert (labels.name, set(labels.others), labels.languages, labels.codes) == (name, others, languages, codes)


def test_latin_strings_filed_as_arabic_are_names_without_a_language() -> None:
    labels = labels_of({"name": "Dar`a", "name_ara": "درعا|Dar'a|Al Rumādī"}, PlaceKind.ADM1, "here")
    assert labels.latin == ("Dar'a", "Al Rumādī")
    assert set(labels.others) == {"درعا", "Dar'a", "Al Rumādī"}
    assert labels.languages == {"درعا": "ar"}


def test_invisible_marks_are_taken_out_and_told() -> None:
    labels = labels_of({"name": "Homs", "name_ara": "\u200fحمص\u200e|حم\u200bاه"}, PlaceKind.ADM1, "here")
    assert labels.others == ("حمص", "حماه")
    assert labels.marked == ("حمص", "حماه")


def test_former_and_colloquial_names_are_told_apart() -> None:
    properties = {"name": "Kirkuk", "name:eng_x_historical": ["At-Ta'mim", "Kirkuk"], "name:eng_x_colloquial": ["KRK"]}
    labels = labels_of(properties, PlaceKind.ADM1, "here")
    assert labels.kinds == {"At-Ta'mim": NameKind.FORMER, "KRK": NameKind.COLLOQUIAL}


@pytest.mark.parametrize("mark", ["'", "’", "‘", "`"])
def test_the_apostrophe_of_a_spreadsheet_is_taken_off_a_code_and_left_on_a_name(mark: str) -> None:
    labels = labels_of({"name": f"{mark}Ain Issa", "ADM3_PCODE": f" {mark}SY110200 "}, PlaceKind.ADM3, "here")
    assert (labels.name, labels.codes, labels.quoted) == (f"{mark}Ain Issa", ("SY110200",), True)


def test_only_the_code_of_the_own_level_is_a_code() -> None:
    properties = {"name": "Harim", "ADM1_PCODE": "SY07", "ADM2_PCODE": "SY0703"}
    assert labels_of(properties, PlaceKind.ADM2, "here").codes == ("SY0703",)


def test_fields_named_by_the_user_come_first() -> None:
    properties = {"name": "wrong", "LABEL": "Right", "KEY": 17, "pcode": "X1"}
    labels = labels_of(properties, PlaceKind.ADM1, "here", name_field="LABEL", code_field="KEY")
    assert (labels.name, labels.others, labels.codes) == ("Right", ("wrong",), ("17", "X1"))


@pytest.mark.parametrize("properties", [{}, {"name": " "}, {"name": "NA"}, {"NAME_2": "Harim"}, {"name": "—"}], ids=str)
def test_a_feature_without_a_name_is_refused(properties: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="no_name"):
        labels_of(properties, PlaceKind.ADM1, "here")


FIELDS = st.sampled_from([*OLD_OCHA, *NEW_OCHA, *WOF, "name_ara", "pcode"])
CELLS = st.none() | st.text(max_size=30) | st.integers() | st.lists(st.text(max_size=9), max_size=3)


@given(st.dictionaries(FIELDS, CELLS))
def test_whatever_the_cells_hold_there_are_names_or_a_clear_error(properties: dict[str, Any]) -> None:
    labels, code = None, None
    try:
        labels = labels_of(properties, PlaceKind.ADM1, "here")
    except InputError as error:
        code = error.code
    if labels is None:
        assert code in {"no_name", "control_character", "bad_unicode"}
        return
    assert labels.name not in labels.others
    assert set(labels.languages) <= {labels.name, *labels.others}
    assert set(labels.latin) <= {labels.name, *labels.others}
