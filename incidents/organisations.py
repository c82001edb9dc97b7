"""Organisations: adding them, and finding them by any of their names."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col, select

from db.errors import ConflictError, InputError, NotFoundError
from db.tables import Organisation, OrganisationAlias, OrganisationMembership
from db.vocabulary import MembershipKind, OrganisationKind
from gazetteer.folding import fold
from incidents.inputs import Code, Day, Input, Line, Paragraph
from incidents.nearest import nearest


class Membership(Input):
    """Membership in a group that is already recorded."""

    group: Code
    kind: MembershipKind = MembershipKind.MEMBER
    start_date: Day | None = None
    end_date: Day | None = None


class OrganisationInput(Input):
    """A source, publisher, belligerent or authority.

    ``independence_group`` is the code of the body whose word it repeats, or a name for several that repeat one
    word; empty means that of the whole it is part of, else its own.
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
        InputError: a membership ends before it starts, or in the organisation itself.
    """
    if session.exec(select(Organisation).where(Organisation.code == data.code)).first() is not None:
        raise ConflictError("duplicate_code", "An organisation has this code.", where="organisation", got=data.code)
    row = Organisation(
        code=data.code, name=data.name, kind=data.kind, independence_group=data.independence_group, note=data.note
    )
    session.add(row)
    session.flush()
    for name in (data.name, data.code, *data.aliases):
        add_alias(session, row, name)
    for membership in data.belongs_to:
        _add_membership(session, row, membership)
    session.flush()
    return row


def _add_membership(session: Session, member: Organisation, data: Membership) -> None:
    where = f"organisation {member.code}"
    group = find_organisation(session, data.group)
    if group.id == member.id:
        raise InputError("its_own_group", "An organisation does not belong to itself.", where=where, got=data.group)
    if data.start_date is not None and data.end_date is not None and data.end_date < data.start_date:
        dates = f"{data.start_date} to {data.end_date}"
        raise InputError("end_before_start", "The membership ends before it starts.", where=where, got=dates)
    session.add(
        OrganisationMembership(
            member_id=member.key,
            group_id=group.key,
            kind=data.kind,
            start_date=data.start_date,
            end_date=data.end_date,
        )
    )


def add_alias(session: Session, organisation: Organisation, name: str) -> None:
    """Give ``organisation`` another name.

    Raises:
        InputError: nothing of the name is left after folding.
        ConflictError: another organisation answers to it.
    """
    folded = fold(name)
    if len(folded) == 0:
        raise InputError("blank", "The name holds no letter.", where=f"organisation {organisation.code}", got=name)
    query = (
        select(Organisation)
        .join(OrganisationAlias, col(OrganisationAlias.organisation_id) == col(Organisation.id))
        .where(OrganisationAlias.folded == folded)
    )
    taken = session.exec(query).first()
    if taken is not None:
        if taken.id == organisation.id:
            return
        raise ConflictError(
            "duplicate_name",
            f"Organisation {taken.code} answers to this name already.",
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


def list_organisations(session: Session, words: str | None = None) -> list[Organisation]:
    """The organisations that have ``words`` in one of their names, by code; all of them for None."""
    query = select(Organisation).order_by(Organisation.code)
    if words is not None:
        held = select(OrganisationAlias.organisation_id).where(
            col(OrganisationAlias.folded).contains(fold(words), autoescape=True)
        )
        query = query.where(col(Organisation.id).in_(held))
    return list(session.exec(query).all())


def _unknown(session: Session, text: str) -> NotFoundError:
    names = session.exec(select(OrganisationAlias.name)).all()
    return NotFoundError(
        "unknown_organisation",
        "No organisation has this code or name.",
        got=text,
        fix=f"{nearest(text, names)}List them with: incidents organisation list; add one with: "
        "incidents organisation add",
    )


def with_parts(session: Session, organisation: Organisation) -> set[int]:
    """The ids of ``organisation`` and, through every level, of its parts.

    A part (CENTCOM of the United States) acts for the whole; a member of a coalition also acts alone, so
    members are not counted in.
    """
    return {organisation.key} | parts_of_all(session).get(organisation.key, set())


# Kept: every change of an incident asks for both, and to put them together takes as long as to run them.
_REPEATING = sa.select(col(Organisation.id), col(Organisation.code), col(Organisation.independence_group))
_PARTS = (
    sa.select(col(OrganisationMembership.member_id), col(OrganisationMembership.group_id))
    .where(col(OrganisationMembership.kind) == MembershipKind.PART)
    .order_by(col(OrganisationMembership.id))
)


def parts_of_all(session: Session) -> dict[int, set[int]]:
    """For the id of each organisation that has parts, the ids of all of them, through every level."""
    children: dict[int, set[int]] = {}
    for member, group in session.execute(_PARTS):
        children.setdefault(group, set()).add(member)
    return {group: _descendants(group, children) for group in children}


def _descendants(start: int, children: dict[int, set[int]]) -> set[int]:
    found, frontier = set[int](), children.get(start, set())
    while len(frontier) > 0:
        found |= frontier
        frontier = {child for one in frontier for child in children.get(one, set())} - found
    return found


def independence_groups(session: Session) -> dict[int, str]:
    """For each organisation id, the code of the body whose word counts once.

    A group is followed to its end: who repeats one that repeats a third repeats the third. A part without a
    group of its own speaks for its whole, so that a ministry and its press office are not two witnesses; a
    member of a coalition speaks for itself.
    """
    rows = session.execute(_REPEATING).all()
    codes = {key: code for key, code, _ in rows}
    whole: dict[str, str] = {}
    for member, group in session.execute(_PARTS):
        whole.setdefault(codes[member], codes[group])
    repeats = whole | {code: group for _, code, group in rows if group is not None}
    return {key: _last(code, repeats) for key, code in codes.items() if key is not None}


def _last(code: str, repeats: dict[str, str]) -> str:
    """The end of the chain that starts at ``code``; of a ring, the first of its codes, whatever the start."""
    chain = [code]
    while chain[-1] in repeats:
        following = repeats[chain[-1]]
        if following in chain:
            return min(chain[chain.index(following) :])
        chain.append(following)
    return chain[-1]
