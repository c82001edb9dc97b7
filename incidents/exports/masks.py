"""Masks: how organisations are named to a tier. A witness is a person, and no person is named in public."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import overload

from sqlmodel import Session, select

from db.tables import Organisation
from db.vocabulary import OrganisationKind
from incidents.tiers import Tier

WITNESS = OrganisationKind.WITNESS.value


@dataclass(frozen=True)
class Mask:
    """What stands for the codes and names of organisations, and whether working notes are shown.

    Notes are written for colleagues and may say what was lowered or hidden elsewhere: they are internal.
    """

    tier: Tier
    codes: frozenset[str] = field(default_factory=frozenset)
    names: frozenset[str] = field(default_factory=frozenset)

    @property
    def notes(self) -> bool:
        """Whether free notes may leave."""
        return self.tier is Tier.INTERNAL

    @overload
    def code(self, code: str) -> str: ...
    @overload
    def code(self, code: None) -> None: ...
    def code(self, code: str | None) -> str | None:
        """The code to show; every witness has the same."""
        return WITNESS if code in self.codes else code

    def name(self, name: str) -> str:
        """The name to show."""
        return WITNESS if name in self.names else name

    def note(self, note: str | None) -> str | None:
        """The note, where notes may leave."""
        return note if self.notes else None


def mask_for(session: Session, tier: Tier) -> Mask:
    """The mask of ``tier``: below internal, organisations of kind witness are all called ``witness``."""
    if tier is Tier.INTERNAL:
        return Mask(tier)
    query = select(Organisation.code, Organisation.name).where(Organisation.kind == OrganisationKind.WITNESS)
    rows = session.exec(query).all()
    return Mask(tier, frozenset(code for code, _ in rows), frozenset(name for _, name in rows))
