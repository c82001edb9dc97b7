"""What people do: record reports and claims, ask where and how many, follow investigations."""

from collections.abc import Sequence

from sqlmodel import Session

from db.derived import refresh_with


def _refresh(session: Session, keys: Sequence[int] | None) -> None:
    # Imported when it is needed: the geometry libraries take a quarter of a second.
    from incidents.derived import refresh

    refresh(session, keys)


refresh_with(_refresh)
