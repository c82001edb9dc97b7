"""Make the ranking model of the gazetteer again from labelled place texts.

    scripts/train.py DATABASE LABELS.jsonl ... [--split dev] [--out gazetteer/search/model.json]

DATABASE holds the gazetteer that the labels are about (see docs/gazetteer.md). A label is one JSON object a line: text,
country, admin1, admin2, lon, lat, prec (UCDP where_prec; 1 and 2 are used) and split.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from db.session import read_session
from db.sqlite import SqliteDatabase
from gazetteer.search.model import EVIDENCE
from gazetteer.search.training import Example, example, train

POINT_PRECISIONS = (1, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=Path)
    parser.add_argument("labels", type=Path, nargs="+")
    parser.add_argument("--split", default="dev")
    parser.add_argument("--out", type=Path, default=Path("gazetteer/search/model.json"))
    given = parser.parse_args()
    examples: list[Example] = []
    with read_session(SqliteDatabase(given.database)) as session:
        for file in given.labels:
            rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
            kept = [row for row in rows if row["split"] == given.split and row["prec"] in POINT_PRECISIONS]
            examples += [example(session, row, evidence) for evidence in EVIDENCE for row in kept]
            print(f"{file.name}: {len(kept)} texts")
    stored = train(examples)
    given.out.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(stored["sure_at"]))


if __name__ == "__main__":
    main()
