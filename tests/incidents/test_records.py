from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, func, select

from db.engine import Database
from db.errors import AmbiguousError, AtlasError, ConflictError, InputError, NotFoundError
from db.session import read_session, write_session
from db.tables import Change, Incident, IncidentName, IncidentReport, Statement
from db.vocabulary import PartOfDay, TimePrecision, WindowKind
from incidents.inputs import validated
from incidents.records import (
    IncidentEdit,
    IncidentInput,
    NameInput,
    StatementInput,
    add_incident,
    add_name,
    add_statement,
    edit_incident,
    find_incident,
    link_report,
)
from incidents.reports import find_report
from tests.incidents.factories import basics, incident


def edit(session: Session, code: str, *, version: int | None = None, **changes: Any) -> Incident:
    return edit_incident(session, code, validated(IncidentEdit, changes, where="edit"), version=version)


def moment(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given_window", "start", "end", "precision", "kind"),
    [
        pytest.param(
            {"start": "2017-03-17T08:24", "tz": "Asia/Baghdad"},
            (2017, 3, 17, 5, 24), (2017, 3, 17, 5, 24, 59), "minute", "moment_in_window", id="a local minute",
        ),
        pytest.param(
            {"start": "2017-03-17", "tz": "Asia/Baghdad"},
            (2017, 3, 16, 21), (2017, 3, 17, 20, 59, 59), "day", "moment_in_window", id="a local day",
        ),
        pytest.param(
            {"start": "2017-03-20", "end": "2017-03-21", "tz": "Asia/Damascus"},
            (2017, 3, 19, 22), (2017, 3, 21, 21, 59, 59), "days", "moment_in_window", id="two days",
        ),
        pytest.param(
            {"start": "2017-03", "window_kind": "duration", "tz": "UTC"},
            (2017, 3, 1), (2017, 3, 31, 23, 59, 59), "month", "duration", id="a month long",
        ),
        pytest.param(
            {"edtf": "[2017-03-20..2017-03-21]", "tz": "Asia/Damascus"},
            (2017, 3, 19, 22), (2017, 3, 21, 21, 59, 59), "days", "moment_in_window", id="EDTF, one moment",
        ),
        pytest.param(
            {"edtf": "2017-03-20/2017-03-21", "tz": "UTC"},
            (2017, 3, 20), (2017, 3, 21, 23, 59, 59), "days", "duration", id="EDTF, lasted",
        ),
        pytest.param(
            {"edtf": "2017-03-17~", "tz": "UTC", "time_precision": "month"},
            (2017, 3, 17), (2017, 3, 17, 23, 59, 59), "month", "moment_in_window", id="EDTF, said to be coarser",
        ),
        pytest.param(
            {"edtf": "2017-03-17", "tz": "UTC", "part_of_day": "morning"},
            (2017, 3, 17), (2017, 3, 17, 23, 59, 59), "part_of_day", "moment_in_window", id="EDTF, part of the day",
        ),
    ],
)  # fmt: skip
def test_a_window_is_stored_in_utc_with_its_zone_precision_and_kind(
    session: Session, given_window: dict[str, Any], start: Any, end: Any, precision: str, kind: str
) -> None:
    row = incident(session, "one", **({"start": None} | given_window))
    session.refresh(row)
    assert (row.start_utc, row.end_utc) == (moment(*start), moment(*end))
    assert (row.time_precision, row.window_kind) == (TimePrecision(precision), WindowKind(kind))
    assert row.tz == given_window["tz"]


def test_edtf_comes_out_as_it_went_in_and_is_made_where_it_was_not_given(session: Session) -> None:
    assert incident(session, "one", start=None, edtf="2017-03-17~").edtf == "2017-03-17~"
    assert incident(session, "two", start="2017-03-20", end="2017-03-21").edtf == "[2017-03-20..2017-03-21]"


def test_no_time_is_no_window_and_the_words_are_kept(session: Session) -> None:
    row = incident(session, "one", start=None, time_words="last week")
    assert (row.start_utc, row.end_utc, row.tz, row.edtf, row.time_precision) == (None, None, None, None, None)
    assert row.time_words == "last week"


@pytest.mark.input
@pytest.mark.parametrize(
    ("given_incident", "code"),
    [
        pytest.param({"edtf": "2017-03-17"}, "two_windows", id="start and EDTF"),
        pytest.param({"start": None, "edtf": "2017-03-17", "end": "2017-03-18"}, "two_windows", id="end and EDTF"),
        pytest.param(
            {"start": None, "edtf": "2017-03-17", "window_kind": "duration"}, "two_windows", id="kind and EDTF"
        ),
        pytest.param({"start": None, "end": "2017-03-18"}, "half_a_window", id="an end alone"),
        pytest.param({"start": None, "time_precision": "day"}, "half_a_window", id="a precision alone"),
        pytest.param({"start": None, "part_of_day": "morning"}, "half_a_window", id="a part of no day"),
        pytest.param({"start": None, "edtf": "2017-03", "time_precision": "day"}, "precision_too_fine", id="EDTF day"),
        pytest.param(
            {"start": None, "edtf": "2017-03", "time_precision": "part_of_day", "part_of_day": "morning"},
            "precision_too_fine",
            id="EDTF part of a month",
        ),
        pytest.param({"time_precision": "minute"}, "precision_too_fine", id="a day does not say the minute"),
        pytest.param({"end": "2017-03-16"}, "end_before_start", id="B30"),
        pytest.param({"start": "2017-02-30"}, "impossible_date", id="B26"),
        pytest.param({"start": "1899-01-01"}, "year_out_of_range", id="B27"),
        pytest.param({"start": "03/04/2017"}, "slashed_date", id="B28"),
        pytest.param({"start": "0"}, "epoch_number", id="B29"),
        pytest.param({"start": "2999-01-01"}, "future_date", id="B32"),
        pytest.param({"start": "2017-W11-5"}, "week_date", id="B33"),
        pytest.param({"start": None, "edtf": "2017-03-17/.."}, "open_window", id="an open window"),
        pytest.param({"start": None, "edtf": "x" * 101}, "too_long", id="B61 EDTF"),
        pytest.param({"tz": "Asia/Bagdad"}, "unknown_zone", id="a zone that is none"),
        pytest.param({"code": "a b"}, "invalid_value", id="a code with a blank"),
        pytest.param({"code": "a\u202eb"}, "invalid_value", id="B58 code"),
        pytest.param({"code": "x" * 101}, "too_long", id="B61 code"),
        pytest.param({"name": "x" * 501}, "too_long", id="B61 name"),
        pytest.param({"name": "a\x00b"}, "control_character", id="B06"),
        pytest.param({"name": "\ud800"}, "bad_unicode", id="B05"),
        pytest.param({"country": "iq"}, "invalid_value", id="a country in small letters"),
        pytest.param({"kind": "drone"}, "unknown_value", id="a kind that is none"),
        pytest.param({"killed": 3}, "unknown_field", id="no toll stands on an incident"),
    ],
)
def test_a_bad_incident_is_refused_and_not_recorded(
    session: Session, given_incident: dict[str, Any], code: str
) -> None:
    with pytest.raises(InputError) as caught:
        incident(session, **({"code": "one"} | given_incident))
    assert caught.value.code == code
    assert session.exec(select(func.count()).select_from(Incident)).one() == 0


def test_a_taken_code_is_refused_and_says_whose_it_is(session: Session) -> None:
    incident(session, "one", name="The school")
    with pytest.raises(ConflictError, match="The school"):
        incident(session, "one")


def test_an_incident_is_found_by_its_codes_and_former_codes(session: Session) -> None:
    codes = [{"scheme": "airwars", "code": "CS598"}, {"scheme": "airwars", "code": "S526", "former": True}]
    row = incident(session, "raqqa-school", codes=codes)
    for text in ("raqqa-school", "CS598", "S526"):
        assert find_incident(session, text).id == row.id


@pytest.mark.parametrize("text", ["المنصورة", "منصوره", "المَنصورة", "AL MANSOURA", "al-Mansoura", "Mansoura"])
def test_a_name_is_found_in_its_folded_forms(session: Session, text: str) -> None:  # B59
    row = incident(session, "one", name="Al-Mansoura", names=[{"name": "المنصورة", "language": "ar"}])
    assert find_incident(session, text).id == row.id


def test_each_name_keeps_its_script_and_language_once(session: Session) -> None:
    row = incident(session, "one", name="School", names=[{"name": "School", "language": "en"}, {"name": "مدرسة"}])
    add_name(session, row, NameInput(name="School"))
    rows = session.exec(select(IncidentName).order_by(col(IncidentName.id))).all()
    assert [(name.name, name.language, name.script) for name in rows] == [
        ("School", "en", "Latn"),
        ("مدرسة", None, "Arab"),
    ]


def test_a_code_goes_before_a_name(session: Session) -> None:
    incident(session, "one", name="two")
    assert find_incident(session, "two").code == "one"
    incident(session, "two")
    assert find_incident(session, "two").code == "two"


def test_an_ambiguous_name_lists_the_candidates(session: Session) -> None:
    incident(session, "one", name="The mosque")
    incident(session, "two", name="the MOSQUE")
    with pytest.raises(AmbiguousError) as caught:
        find_incident(session, "The Mosque")
    assert caught.value.candidates == ["one: The mosque", "two: the MOSQUE"]


def test_a_name_of_nothing_but_signs_does_not_find_others_like_it(session: Session) -> None:
    incident(session, "one", name="؟؟؟")
    with pytest.raises(NotFoundError):
        find_incident(session, "!!!")


def test_an_unknown_incident_is_refused_with_the_nearest(session: Session) -> None:
    incident(session, "raqqa-school")
    with pytest.raises(NotFoundError) as caught:
        find_incident(session, "raqa-school")
    assert caught.value.code == "unknown_incident"
    assert "Nearest: raqqa-school" in str(caught.value)


def test_an_edit_keeps_the_old_values_in_the_journal(database: Database) -> None:
    with write_session(database, who="first", why="record") as session:
        incident(session, "one", note="old")
    with write_session(database, who="second", why="correct") as session:
        assert edit(session, "one", version=1, note="new", country="IQ").version == 2
    with read_session(database) as session:
        (change,) = session.exec(select(Change).where(Change.table_name == "incident")).all()
        old, new = json.loads(change.old), json.loads(change.new)
        assert (old["note"], new["note"], old["country"], new["country"]) == ("old", "new", None, "IQ")
        assert (old["version"], new["version"]) == (1, 2)
        row = find_incident(session, "one")
        assert (row.name, row.edtf) == ("One", "2017-03-17")


def test_an_edit_of_a_stale_version_is_refused_and_changes_nothing(session: Session) -> None:  # B65
    incident(session, "one", note="old")
    edit(session, "one", version=1, note="new")
    with pytest.raises(ConflictError) as caught:
        edit(session, "one", version=1, note="other")
    assert caught.value.code == "stale_version"
    assert "at version 2" in str(caught.value)
    session.expire_all()
    assert find_incident(session, "one").note == "new"


def test_a_new_name_is_added_and_the_old_one_still_finds_it(session: Session) -> None:
    incident(session, "one", name="Old name")
    edit(session, "one", name="New name")
    assert find_incident(session, "old name").name == "New name"


@pytest.mark.parametrize(
    "changes",
    [
        {"part_of_day": "morning"},
        {"tz": "UTC"},
        {"end": "2017-03-18"},
        {"time_precision": "day"},
        {"window_kind": "duration", "time_words": "all day"},
    ],
)
def test_a_part_of_a_window_is_not_edited_alone_and_nothing_is_lost(session: Session, changes: dict[str, Any]) -> None:
    row = incident(session, "one")
    before = (row.start_utc, row.end_utc, row.edtf, row.tz)
    with pytest.raises(InputError) as caught:
        edit(session, "one", **changes)
    assert caught.value.code == "half_a_window"
    session.refresh(row)
    assert (row.start_utc, row.end_utc, row.edtf, row.tz, row.version) == (*before, 1)


def test_a_window_is_edited_whole_and_keeps_the_zone_and_words(session: Session) -> None:
    incident(session, "one", time_words="in the morning")
    row = edit(session, "one", start="2017-03-17T08:24", part_of_day="morning")
    assert (row.start_utc, row.tz) == (moment(2017, 3, 17, 5, 24), "Asia/Baghdad")
    assert (row.part_of_day, row.edtf, row.time_words) == (PartOfDay.MORNING, "2017-03-17T08:24", "in the morning")


def test_the_words_of_a_time_are_edited_alone(session: Session) -> None:
    row = edit(session, incident(session, "one").code, time_words="at dawn")
    assert (row.time_words, row.edtf) == ("at dawn", "2017-03-17")


def test_a_window_is_emptied_only_by_saying_so(session: Session) -> None:
    row = edit(session, incident(session, "one", time_words="at dawn").code, start=None)
    assert (row.start_utc, row.end_utc, row.edtf, row.tz, row.time_words) == (None, None, None, None, "at dawn")


@pytest.mark.parametrize("field", ["name", "kind", "civilian_harm_reported", "visibility", "withdrawn"])
def test_what_is_never_empty_is_not_emptied(session: Session, field: str) -> None:
    incident(session, "one")
    with pytest.raises(InputError) as caught:
        edit(session, "one", **{field: None})
    assert caught.value.code == "missing_value"


@pytest.mark.parametrize(
    ("changes", "code"),
    [({}, "nothing_to_change"), ({"killed": 3}, "unknown_field"), ({"start": "2017-02-30"}, "impossible_date")],
)
def test_a_bad_edit_is_refused(session: Session, changes: dict[str, Any], code: str) -> None:
    incident(session, "one")
    with pytest.raises(InputError) as caught:
        edit(session, "one", **changes)
    assert caught.value.code == code


def test_a_report_is_linked_once(session: Session) -> None:
    basics(session)
    row = incident(session, "one")
    for _ in range(2):
        link_report(session, row, find_report(session, "monitor-1"))
    assert session.exec(select(func.count()).select_from(IncidentReport)).one() == 1


def test_a_statement_keeps_the_words_and_its_doubt(session: Session) -> None:
    basics(session)
    data = {"by": "coalition", "report": "coalition-1", "words": "A fair chance.", "stated": "2017-03-28"}
    row = add_statement(
        session, incident(session, "one"), validated(StatementInput, data | {"uncertain_target": True}, where="said")
    )
    session.flush()
    assert session.exec(select(Statement)).one() is row
    assert (row.words, row.uncertain_target, row.stated_end) == (
        "A fair chance.",
        True,
        moment(2017, 3, 28, 23, 59, 59),
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [({"by": "nobody"}, "unknown_organisation"), ({"report": "none"}, "unknown_report"), ({"words": ""}, "blank")],
)
def test_a_bad_statement_is_refused(session: Session, change: dict[str, str], code: str) -> None:
    basics(session)
    data = {"by": "monitor", "report": "monitor-1", "words": "Said."} | change
    with pytest.raises(AtlasError) as caught:
        add_statement(session, incident(session, "one"), validated(StatementInput, data, where="said"))
    assert caught.value.code == code


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(str.strip)


@given(NAMES)
def test_any_name_is_stored_as_written_and_finds_its_incident(session: Session, name: str) -> None:
    number = session.exec(select(func.count()).select_from(Incident)).one()
    data = {"code": f"x{number}", "name": name}
    row = add_incident(session, validated(IncidentInput, data, where="incident"))
    assert row.name == name.strip()
    held = session.exec(select(IncidentName).where(IncidentName.incident_id == row.id)).one()
    namesakes = session.exec(select(IncidentName).where(IncidentName.folded == held.folded)).all()
    if held.folded != "" and len(namesakes) == 1 and not row.name.startswith("x"):
        assert find_incident(session, name.strip()) is row
