from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session, select

from db.errors import AtlasError, ConflictError, InputError, NotFoundError
from db.tables import OrganisationAlias, OrganisationMembership
from db.vocabulary import MembershipKind
from incidents.organisations import (
    add_alias,
    find_organisation,
    independence_groups,
    list_organisations,
    with_parts,
)
from tests.incidents.factories import organisation


def group_of(session: Session, code: str) -> str:
    return independence_groups(session)[find_organisation(session, code).key]


def test_an_organisation_is_found_by_any_of_its_names_whatever_their_spelling(session: Session) -> None:
    row = organisation(
        session, "sohr", name="Syrian Observatory for Human Rights", aliases=["المرصد السوري", "The Observatory"]
    )
    for text in ("sohr", "SOHR", "syrian observatory for human rights", "  المَرصد السورى ", "the observatory"):
        assert find_organisation(session, text).id == row.id


def test_the_name_is_kept_as_written_where_code_and_name_fold_alike(session: Session) -> None:
    organisation(session, "sohr", name="SOHR")
    assert session.exec(select(OrganisationAlias.name)).all() == ["SOHR"]


def test_an_unknown_name_is_refused_with_the_nearest(session: Session) -> None:
    organisation(session, "airwars")
    with pytest.raises(NotFoundError) as caught:
        find_organisation(session, "airwrs")
    assert caught.value.code == "unknown_organisation"
    assert "Nearest: Airwars" in str(caught.value)


def test_a_name_of_nothing_but_signs_finds_nothing(session: Session) -> None:
    organisation(session, "airwars")
    with pytest.raises(NotFoundError):
        find_organisation(session, "؟!")


@pytest.mark.input
@pytest.mark.parametrize(
    ("given", "error", "code"),
    [
        ({"code": "one"}, ConflictError, "duplicate_code"),
        ({"code": "two", "name": "ONE"}, ConflictError, "duplicate_name"),
        ({"code": "two", "aliases": ["First"]}, ConflictError, "duplicate_name"),
        ({"code": "two", "aliases": ["..."]}, InputError, "blank"),
        ({"code": "two", "belongs_to": [{"group": "nobody"}]}, NotFoundError, "unknown_organisation"),
        ({"code": "two", "belongs_to": [{"group": "two"}]}, InputError, "its_own_group"),
        (
            {"code": "two", "belongs_to": [{"group": "one", "start_date": "2015-01-01", "end_date": "2014-01-01"}]},
            InputError,
            "end_before_start",
        ),
        ({"code": "two", "belongs_to": [{"group": "one", "start_date": 0}]}, InputError, "bad_date"),
        ({"code": "two", "belongs_to": [{"group": "one", "kind": "friend"}]}, InputError, "unknown_value"),
        ({"code": "two", "kind": "newspaper"}, InputError, "unknown_value"),
        ({"code": "t\u200bwo"}, InputError, "invisible_character"),
        ({"code": "two", "name": "x" * 501}, InputError, "too_long"),
    ],
)
def test_a_bad_organisation_is_refused(
    session: Session, given: dict[str, Any], error: type[AtlasError], code: str
) -> None:
    organisation(session, "one", aliases=["First"])
    with pytest.raises(error) as caught:
        organisation(session, **given)
    assert caught.value.code == code


def test_a_taken_name_says_whose_it_is(session: Session) -> None:
    organisation(session, "one", aliases=["First"])
    with pytest.raises(ConflictError, match="Organisation one answers"):
        add_alias(session, organisation(session, "two"), "FIRST")


def test_an_alias_it_has_already_is_left_as_it_is(session: Session) -> None:
    row = organisation(session, "one")
    add_alias(session, row, "ONE")
    assert session.exec(select(OrganisationAlias.name)).all() == ["One"]


def test_a_membership_keeps_its_kind_and_dates(session: Session) -> None:
    organisation(session, "coalition", kind="coalition")
    organisation(session, "us", belongs_to=[{"group": "coalition", "start_date": "2014-09-23"}])
    row = session.exec(select(OrganisationMembership)).one()
    assert (row.kind, str(row.start_date), row.end_date) == (MembershipKind.MEMBER, "2014-09-23", None)


def test_parts_are_counted_in_through_every_level_and_members_are_not(session: Session) -> None:
    coalition = organisation(session, "coalition", kind="coalition")
    us = organisation(session, "us", belongs_to=[{"group": "coalition"}])
    centcom = organisation(session, "centcom", belongs_to=[{"group": "us", "kind": "part"}])
    cell = organisation(session, "cell", belongs_to=[{"group": "centcom", "kind": "part"}])
    task_force = organisation(session, "cjtf", belongs_to=[{"group": "coalition", "kind": "part"}])
    assert with_parts(session, us) == {us.key, centcom.key, cell.key}
    assert with_parts(session, coalition) == {coalition.key, task_force.key}


def test_parts_that_go_in_a_ring_end(session: Session) -> None:
    one = organisation(session, "one")
    two = organisation(session, "two", belongs_to=[{"group": "one", "kind": "part"}])
    session.add(OrganisationMembership(member_id=one.key, group_id=two.key, kind=MembershipKind.PART))
    session.flush()
    assert with_parts(session, one) == {one.key, two.key}
    assert group_of(session, "one") == group_of(session, "two") == "one"


def test_an_organisation_stands_for_itself_unless_it_repeats_another(session: Session) -> None:
    organisation(session, "wire")
    organisation(session, "paper", independence_group="wire")
    assert (group_of(session, "wire"), group_of(session, "paper")) == ("wire", "wire")


def test_who_repeats_one_that_repeats_a_third_repeats_the_third(session: Session) -> None:
    organisation(session, "wire")
    organisation(session, "paper", independence_group="wire")
    organisation(session, "blog", independence_group="paper")
    assert group_of(session, "blog") == "wire"


def test_a_group_may_be_a_name_that_is_no_organisation(session: Session) -> None:
    organisation(session, "paper", independence_group="compilers")
    assert group_of(session, "paper") == "compilers"


def test_a_part_speaks_for_its_whole_and_a_member_for_itself(session: Session) -> None:
    organisation(session, "coalition", kind="coalition")
    organisation(session, "us", belongs_to=[{"group": "coalition"}])
    organisation(session, "centcom", belongs_to=[{"group": "us", "kind": "part"}])
    organisation(session, "clinic", belongs_to=[{"group": "us", "kind": "part"}], independence_group="clinic")
    groups = {code: group_of(session, code) for code in ("us", "centcom", "clinic")}
    assert groups == {"us": "us", "centcom": "us", "clinic": "clinic"}


def test_organisations_are_listed_by_code_or_by_a_part_of_a_name(session: Session) -> None:
    organisation(session, "b-two", aliases=["المرصد"])
    organisation(session, "a-one")
    assert [row.code for row in list_organisations(session)] == ["a-one", "b-two"]
    assert [row.code for row in list_organisations(session, "مرصد")] == ["b-two"]
