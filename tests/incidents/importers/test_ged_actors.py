"""The organisations that UCDP GED names."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from db.tables import Organisation, OrganisationMembership
from db.vocabulary import OrganisationKind
from incidents.importers.ged_actors import Organisations, split_side
from incidents.named import load_named
from incidents.organisations import OrganisationInput, add_organisation, find_organisation


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Hawar Kilis Operations Room", ("Hawar Kilis Operations Room",)),
        ("HTS, Southern Front", ("HTS", "Southern Front")),
        ("Government of Australia, Government of Iran", ("Government of Australia", "Government of Iran")),
        ("NDF (Syria, Homs), SNA", ("NDF (Syria, Homs)", "SNA")),  # a comma in brackets
        ("Rahman Corps - “Abu, al-Joud” faction", ("Rahman Corps - “Abu, al-Joud” faction",)),
        ("One,Two", ("One,Two",)),  # no blank: part of a name
        ("One, , Two", ("One, , Two",)),
        ("One (two, three", ("One (two, three",)),  # a bracket that is not closed
        ("One, ?", ("One, ?",)),  # a part without a letter
    ],
)
def test_a_side_is_split_only_where_that_is_safe(name: str, parts: tuple[str, ...]) -> None:
    assert split_side(name) == parts


def test_a_side_of_several_is_a_coalition_with_its_members(session: Session) -> None:
    side = Organisations(session).side("HTS, Southern Front")
    assert len(side.members) == 2
    joint = session.get_one(Organisation, side.whole)
    assert (joint.name, joint.kind) == ("HTS, Southern Front", OrganisationKind.COALITION)
    rows = session.exec(select(OrganisationMembership).where(OrganisationMembership.group_id == side.whole)).all()
    assert {row.member_id for row in rows} == set(side.members)
    assert Organisations(session).side("HTS").whole in side.members


def test_a_name_of_this_package_is_the_organisation_it_stands_for(session: Session) -> None:
    organisations = Organisations(session)
    assert session.get_one(Organisation, organisations.side("IS").whole).code == "isis"
    assert session.get_one(Organisation, organisations.office("Agence France Presse")).code == "afp"
    assert organisations.office("SOHR") == organisations.office("Syrian Observatory for Human Rights")


def test_spellings_of_one_office_are_one_organisation(session: Session) -> None:
    organisations = Organisations(session)
    assert len({organisations.office(name) for name in ("Airwars", "Air Wars", "airwars.org")}) == 1
    assert find_organisation(session, "air wars").code == "airwars"


def test_a_government_is_the_country_already_recorded(session: Session) -> None:
    key = add_organisation(session, OrganisationInput(code="iran", name="Iran", kind=OrganisationKind.GOVERNMENT)).key
    assert Organisations(session).side("Government of Iran").whole == key


def test_an_office_nobody_knows_is_of_kind_unknown(session: Session) -> None:
    key = Organisations(session).office("Orient News")
    assert session.get_one(Organisation, key).kind is OrganisationKind.UNKNOWN


@pytest.mark.parametrize("name", ["?!ب", "المرصد", "x" * 400])
def test_a_code_is_made_of_any_name(session: Session, name: str) -> None:
    key = Organisations(session).office(name)
    assert len(session.get_one(Organisation, key).code) <= 100
    assert Organisations(session).office(name) == key


def test_the_named_incidents_can_be_loaded_after_an_import(session: Session) -> None:
    organisations = Organisations(session)
    for name in ("IS", "SDF", "Government of United States of America", "Government of Iraq", "al-Qaida"):
        organisations.side(name)
    for name in ("SOHR", "Reuters News", "The Guardian", "Human Rights Watch", "OCHA"):
        organisations.office(name)
    organisations.source()
    load_named(session)
    assert Organisations(session).side("IS").whole == find_organisation(session, "isis").key
