"""Make the dictionary anew that ready features are packed with (incidents/exports/packing.py).

    scripts/train_packing.py DATABASE [--out incidents/exports/features.zdict]

DATABASE is a SQLite file; the one in use was made from UCDP GED (CC BY 4.0) for Syria and Iraq and the named incidents.
The dictionary holds parts of features, so titles, addresses and everything else that others wrote are left out. What
was packed with the dictionary before is made for each question until incidents db rebuild.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from db.session import read_session
from db.sqlite import SqliteDatabase
from db.tables import Incident
from incidents.exports.fragments import written_features
from incidents.exports.packing import trained
from incidents.exports.selection import Selection

SAMPLES = 4_000
WRITTEN = frozenset({"archive_url", "citation", "name", "note", "place_words", "text", "title", "url", "words"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=Path)
    parser.add_argument("--out", type=Path, default=Path("incidents/exports/features.zdict"))
    given = parser.parse_args()
    with read_session(SqliteDatabase(given.database)) as session:
        keys = session.execute(sa.select(Incident.id).order_by(Incident.id)).scalars().all()
        chosen = Selection(session, keys[:: max(len(keys) // SAMPLES, 1)])
        samples = [orjson.dumps(_without_writing(orjson.loads(feature))) for feature in written_features(chosen)]
    given.out.write_bytes(trained(samples))
    print(f"{given.out}: {given.out.stat().st_size:,} bytes from {len(samples):,} features")


def _without_writing(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_writing(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: "" if name in WRITTEN and isinstance(one, str) else _without_writing(one) for name, one in value.items()
    }


if __name__ == "__main__":
    main()
