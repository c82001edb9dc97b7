from __future__ import annotations

from sqlmodel import Session

from db.vocabulary import NameKind, PlaceKind
from gazetteer.corrections import add_name, correct_place, withdraw_name, withdraw_place
from gazetteer.holdings import Holdings, holdings
from gazetteer.sources.store import PlaceRecord, PlaceWriter


def test_an_empty_gazetteer_holds_nothing(session: Session) -> None:
    assert holdings(session) == Holdings({}, {}, 0, 0, 0, 0)


def test_names_and_what_people_did_are_counted_once(session: Session) -> None:
    records = [
        PlaceRecord(
            source="test", source_key=key, name=f"Place {key}", kind=PlaceKind.SETTLEMENT, lon=38.0, lat=lat,
            names=(f"مكان {key}",), languages={f"مكان {key}": "ar"}, codes=(f"SY0{key}",),
        )
        for key, lat in (("1", 35.0), ("2", 36.0), ("3", 37.0))
    ]  # fmt: skip
    PlaceWriter(session).write(records)
    add_name(session, "test:1", "Endroit", language="fr", kind=NameKind.ATTESTED)
    withdraw_name(session, "test:1", "SY01")
    correct_place(session, "test:2", population=7)
    withdraw_place(session, "test:3")
    held = holdings(session)
    assert list(held.names.items()) == [(NameKind.NAME, 6), (NameKind.CODE, 2), (NameKind.ATTESTED, 1)]
    assert list(held.languages.items()) == [(None, 5), ("ar", 3), ("fr", 1)]
    assert (held.corrected, held.withdrawn, held.names_withdrawn, held.service_answers) == (1, 1, 1, 0)
