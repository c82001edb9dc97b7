"""The organisations that UCDP GED names: those who report, and the sides that fight.

Each is found by any of its names, whatever its case and marks. One that is not recorded is taken from the
organisations of this package (``incidents/named``), so that an import before or after ``incidents load named``
comes to the same; failing that, it is added under the name that UCDP gives it.

A side of several ("HTS, Southern Front") is split into its members at each comma outside brackets and quotation
marks; UCDP itself joins names so. The dead of such a side are the joint side's: nobody said whose they were. The
joint side is recorded as a coalition with its members.
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from typing import NamedTuple

import sqlalchemy as sa
from sqlmodel import Session, select

from db.tables import Organisation, OrganisationAlias, OrganisationMembership
from db.vocabulary import MembershipKind, OrganisationKind
from gazetteer.folding import fold
from incidents.inputs import validated
from incidents.named import data_files
from incidents.organisations import OrganisationInput, add_alias, add_organisation

OTHER_SPELLINGS = {
    "Air Wars": "Airwars",
    "airwars.org": "Airwars",
    "Amnesty": "Amnesty International",
    "AMNESTY INTERNATIONAL BRIEFING": "Amnesty International",
    "Associated Press Newswires": "Associated Press",
    "ICG": "International Crisis Group",
    "Reuters News": "Reuters",
    "SN4HR": "SNHR",
    "Sputnik News Service": "Sputnik",
    "The Associated Press": "Associated Press",
}
"""Spellings of one office in the data, to the name it is recorded under. Only those that are beyond doubt."""

OFFICE_KINDS = {
    OrganisationKind.CASUALTY_MONITOR: ("VDC",),
    OrganisationKind.NGO_INVESTIGATOR: ("Amnesty International", "International Crisis Group"),
    OrganisationKind.UN_BODY: ("UNAMI", "UNHCR", "UN News Centre"),
    OrganisationKind.INTERNATIONAL_MEDIA: (
        "Agence France Presse", "Al Jazeera", "Al Jazeera English", "BBC", "BBC Monitoring European",
        "BBC Monitoring Middle East", "BBC Monitoring Newsfile", "Deutsche Welle", "LA Times", "NPR", "The Times",
        "The Telegraph", "VOA", "VOA News", "Washington Post", "Xinhua", "Xinhua News Agency",
    ),
}  # fmt: skip
"""What some offices are, where this package's own organisations do not say it; others are of kind unknown."""

GOVERNMENT = "Government of "
_JOINT = re.compile(r"[^,(“\"]*(?:\([^)]*\)[^,(“\"]*|“[^”]*”[^,(“\"]*|\"[^\"]*\"[^,(“\"]*)*")
_NOT_IN_CODE = re.compile(r"[^a-z0-9]+")
_LONGEST_CODE = 80


class Side(NamedTuple):
    """One side of an event: the organisation whose dead are counted, and the organisations it consists of."""

    whole: int
    members: tuple[int, ...]


@cache
def split_side(name: str) -> tuple[str, ...]:
    """The organisations that ``name`` joins with commas; one where a part would have no letter."""
    parts = tuple(part.strip() for part in _JOINT.findall(name) if part.strip())
    whole = ", ".join(parts) == name and all(fold(part) for part in parts)
    return parts if whole else (name,)


class Organisations:
    """The organisations by their folded names; made anew in each session, as others may add some between two."""

    def __init__(self, session: Session) -> None:
        self._session = session
        rows = session.execute(sa.select(_ALIAS.c.folded, _ALIAS.c.organisation_id))
        self._ids: dict[str, int] = {row.folded: row.organisation_id for row in rows}
        self._codes: set[str] = set(session.exec(select(Organisation.code)))
        self._sides: dict[str, Side] = {}
        self._offices: dict[str, int] = {}

    def office(self, name: str) -> int:
        """The id of the body that published an article."""
        if name not in self._offices:
            self._offices[name] = self._office(name)
        return self._offices[name]

    def _office(self, name: str) -> int:
        if (found := self._ids.get(fold(name))) is not None:
            return found
        usual = _SPELLINGS.get(fold(name), name)
        key = self._found(usual)
        if key is None:
            key = self._add(usual, _KINDS.get(fold(usual), OrganisationKind.UNKNOWN))
        return self._alias(name, key)

    def side(self, name: str) -> Side:
        """The side called ``name``, which is not "Civilians"."""
        if name not in self._sides:
            members = tuple(dict.fromkeys(self._actor(part) for part in split_side(name)))
            self._sides[name] = Side(members[0] if len(members) == 1 else self._joint(name, members), members)
        return self._sides[name]

    def source(self) -> int:
        """The id of UCDP itself."""
        found = self._found("UCDP")
        return self._add("UCDP", OrganisationKind.CASUALTY_MONITOR) if found is None else found

    def _actor(self, name: str) -> int:
        found = self._found(name)
        if found is not None:
            return found
        if not name.startswith(GOVERNMENT):
            return self._add(name, OrganisationKind.ARMED_GROUP)
        country = self._found(name.removeprefix(GOVERNMENT))
        if country is not None and self._session.get_one(Organisation, country).kind is OrganisationKind.GOVERNMENT:
            return self._alias(name, country)
        return self._add(name, OrganisationKind.GOVERNMENT)

    def _joint(self, name: str, members: tuple[int, ...]) -> int:
        found = self._found(name)
        if found is not None:
            return found
        key = self._add(name, OrganisationKind.COALITION)
        for member in members:
            self._session.add(OrganisationMembership(member_id=member, group_id=key, kind=MembershipKind.MEMBER))
        self._session.flush()
        return key

    def _found(self, name: str) -> int | None:
        """The id of an organisation that is recorded, or of one of this package's, recorded now."""
        folded = fold(name)
        if folded in self._ids or folded not in _packaged():
            return self._ids.get(folded)
        data = _packaged()[folded]
        held = next((self._ids[fold(other)] for other in _names(data) if fold(other) in self._ids), None)
        if held is not None:
            return self._alias(name, held)
        self._add_packaged(data)
        return self._ids[folded]

    def _add_packaged(self, data: OrganisationInput) -> None:
        for membership in data.belongs_to:
            if membership.group not in self._codes:
                self._add_packaged(_packaged()[fold(membership.group)])
        # A name that somebody else has by now stays theirs.
        free = tuple(name for name in data.aliases if fold(name) not in self._ids)
        self._record(data.model_copy(update={"aliases": free}))

    def _add(self, name: str, kind: OrganisationKind) -> int:
        note = "Recorded under this name from UCDP GED."
        self._record(OrganisationInput(code=self._code(name), name=name, kind=kind, note=note))
        return self._ids[fold(name)]

    def _record(self, data: OrganisationInput) -> None:
        row = add_organisation(self._session, data)
        self._session.flush()
        self._codes.add(row.code)
        for name in _names(data):
            self._ids.setdefault(fold(name), row.key)

    def _alias(self, name: str, key: int) -> int:
        if fold(name) not in self._ids:
            add_alias(self._session, self._session.get_one(Organisation, key), name)
            self._session.flush()
            self._ids[fold(name)] = key
        return key

    def _code(self, name: str) -> str:
        """A code made of the name that nothing else has, as a code or as a name."""
        stem = _NOT_IN_CODE.sub("-", fold(name)).strip("-")[:_LONGEST_CODE].strip("-")
        if len(stem) < 2:
            stem = f"organisation-{sha256(name.encode()).hexdigest()[:8]}"
        code, number = stem, 1
        taken = self._codes | {data.code for data in _packaged().values()}
        while code in taken or self._ids.get(fold(code)) is not None:
            number += 1
            code = f"{stem}-{number}"
        return code


def _names(data: OrganisationInput) -> tuple[str, ...]:
    """Everything that the organisation answers to."""
    return data.name, data.code, *data.aliases


@cache
def _packaged() -> dict[str, OrganisationInput]:
    """The organisations of this package by each of their folded names."""
    found: dict[str, OrganisationInput] = {}
    for file in data_files():
        for row in file.content.get("organisations", []):
            data = validated(OrganisationInput, row, where=file.name)
            for name in _names(data):
                found.setdefault(fold(name), data)
    return found


_ALIAS = OrganisationAlias.metadata.tables["organisation_alias"]
_SPELLINGS = {fold(spelling): name for spelling, name in OTHER_SPELLINGS.items()}
_KINDS = {fold(name): kind for kind, names in OFFICE_KINDS.items() for name in names}
