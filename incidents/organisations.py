"""Organisations: adding them, and finding them by any of their names."""

from __future__ import annotations

from datetime import date

from rapidfuzz import process
from sqlmodel import Session, col, select

from db.errors import ConflictError, InputError, NotFoundError
from db.tables import Organisation, OrganisationAlias, OrganisationMembership
from db.vocabulary import MembershipKind, OrganisationKind
from gazetteer.folding import fold
from incidents.inputs import Code, Input, Line, Paragraph


class Membership(Input):
    """Membership in a group that is already recorded."""

    group: Code
    kind: MembershipKind = MembershipKind.MEMBER
    start_date: date | None = None
    end_date: date | None = None


class OrganisationInput(Input):
    """A source, publisher, belligerent or authority.

    ``independence_group`` is the code of the body whose word it repeats; empty means its own.
    """

    code: Code
    name: Line
    kind: OrganisationKind
    aliases: tuple[Line, ...] = ()
    belongs_to: tuple[Membership, ...] = ()
    independence_group: Code | None = None
    note: Paragraph | None = None


def add_organisation(session: Session, data: OrganisationInput) -> Organisation:
    """Record an organisation with its names and memberships.

    Raises:
        ConflictError: the code or one of the names is taken.
        NotFoundError: a group it belongs to is not recorded.
    """
    if session.exec(select(Organisation).where(Organisation.code == data.code)).first() is not None:
        raise ConflictError("duplicate_code", "An organisation has this code.", where="organisation", got=data.code)
    row = Organisation(
        code=data.code, name=data.name, kind=data.kind, independence_group=data.independence_group, note=data.note
    )
    session.add(row)
    session.flush()
    for name in {fold(text): text for text in (data.name, data.code, *data.aliases)}.values():
        add_alias(session, row, name)
    for membership in data.belongs_to:
        group = find_organisation(session, membership.group)
        session.add(
            OrganisationMembership(
                member_id=row.key,
                group_id=group.key,
                kind=membership.kind,
                start_date=membership.start_date,
                end_date=membership.end_date,
            )
        )
    return row


def add_alias(session: Session, organisation: Organisation, name: str) -> None:
    """Give ``organisation`` another name.

    Raises:
        InputError: nothing of the name is left after folding.
        ConflictError: another organisation answers to it.
    """
    folded = fold(name)
    if len(folded) == 0:
        raise InputError("blank", "The name holds no letter.", where=f"organisation {organisation.code}", got=name)
    taken = session.exec(select(OrganisationAlias).where(OrganisationAlias.folded == folded)).first()
    if taken is not None:
        if taken.organisation_id == organisation.id:
            return
        raise ConflictError(
            "duplicate_name",
            f"Organisation {taken.organisation_id} answers to this name already.",
            where=f"organisation {organisation.code}",
            got=name,
        )
    session.add(OrganisationAlias(organisation_id=organisation.key, name=name, folded=folded))


def find_organisation(session: Session, text: str) -> Organisation:
    """The organisation with the code or name ``text``, whatever its case, marks and articles.

    Raises:
        NotFoundError: there is none; names the nearest.
    """
    exact = session.exec(select(Organisation).where(Organisation.code == text)).first()
    if exact is not None:
        return exact
    query = (
        select(Organisation)
        .join(OrganisationAlias, col(OrganisationAlias.organisation_id) == col(Organisation.id))
        .where(OrganisationAlias.folded == fold(text))
    )
    found = session.exec(query).first()
    if found is None:
        raise _unknown(session, text)
    return found


def _unknown(session: Session, text: str) -> NotFoundError:
    names = session.exec(select(OrganisationAlias.name)).all()
    near = [name for name, _, _ in process.extract(text, names, limit=3, score_cutoff=60)]
    hint = f"Nearest: {'; '.join(near)}. " if len(near) > 0 else ""
    return NotFoundError(
        "unknown_organisation",
        "No organisation has this code or name.",
        got=text,
        fix=f"{hint}List them with: incidents organisation list; add one with: incidents organisation add",
    )


def with_parts(session: Session, organisation: Organisation) -> set[int]:
    """The ids of ``organisation`` and, through every level, of its parts.

    A part (CENTCOM of the United States) acts for the whole; a member of a coalition also acts alone, so
    members are not counted in.
    """
    found, frontier = {organisation.key}, {organisation.key}
    while len(frontier) > 0:
        query = select(OrganisationMembership.member_id).where(
            col(OrganisationMembership.group_id).in_(frontier),
            OrganisationMembership.kind == MembershipKind.PART,
        )
        frontier = set(session.exec(query).all()) - found
        found |= frontier
    return found


def independence_groups(session: Session) -> dict[int, str]:
    """For each organisation id, the code of the body whose word counts once."""
    rows = session.exec(select(Organisation.id, Organisation.code, Organisation.independence_group)).all()
    return {key: group or code for key, code, group in rows if key is not None}
