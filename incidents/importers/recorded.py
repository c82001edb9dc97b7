"""What is recorded already of the incidents that a file names."""

from __future__ import annotations

from sqlmodel import Session, col, select

from db.tables import Incident
from incidents.dossiers import BATCH, dossier, dossiers
from incidents.tiers import Tier
from incidents.views import Dossier


class Recorded:
    """The dossiers of those incidents of a file that are recorded already, loaded many at a time in its order.

    Args:
        session: an open session.
        codes: the incidents' codes in the order of the file.
    """

    def __init__(self, session: Session, codes: list[str]) -> None:
        found: dict[str, int] = {}
        for start in range(0, len(codes), BATCH):
            rows = session.exec(select(Incident).where(col(Incident.code).in_(codes[start : start + BATCH])))
            found |= {row.code: row.key for row in rows}
        self._session = session
        self._dossiers = dossiers(session, [found[code] for code in codes if code in found], tier=Tier.INTERNAL)

    def dossier(self, key: int) -> Dossier | None:
        """The dossier of an incident; ask in the order of the file, or it is loaded by itself."""
        ahead = next((one for one in self._dossiers if one.key == key), None)
        return ahead if ahead is not None else dossier(self._session, key, tier=Tier.INTERNAL)
