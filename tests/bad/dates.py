"""B26 to B33: dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.bad.doors import add, case, claim, csv_claim, csv_incident, line, own_claim, own_geojson

LATER = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()


def bad_date(row: str, text: str, code: str, *says: str, edtf: str | None = None) -> list[Any]:
    """A text that is refused wherever a date stands; ``edtf`` is the code where EDTF does, if it is another."""
    step = ("status", "set", "market", "--authority", "coalition", "--state", "credible", "--why", "w")
    return [
        case(row, f"{text}, command", add("--name", "S", "--start", text), code, "start", *says),
        case(row, f"{text}, csv", csv_incident(start=text), code, "in.csv, line 3", "start", *says),
        case(row, f"{text}, csv edtf", csv_incident(edtf=text), edtf or code, "in.csv, line 3", "edtf"),
        case(row, f"{text}, claim", claim("--words", "12", "--stated", text), code, "stated", *says),
        case(row, f"{text}, csv claim", csv_claim(words="12", stated=text), code, "claims.csv, line 2", "stated",
             *says),
        case(row, f"{text}, geojson", own_claim(bound="exact", minimum=1, maximum=1, as_of=text), code, "claims 1",
             "as_of", *says),
        case(row, f"{text}, step", line(*step, "--date", text), code, "taken", *says),
        case(row, f"{text}, query", line("find", "--from", text), code, *says),
    ]  # fmt: skip


CASES = [
    *bad_date("B26", "2017-02-30", "impossible_date", "28 days"),
    *bad_date("B27", "0001-01-01", "year_out_of_range", "1900"),
    *bad_date("B27", "9999-01-01", "year_out_of_range"),
    *bad_date("B28", "17/03/2017", "slashed_date", "2017-03-17"),
    *bad_date("B28", "03/04/2017", "slashed_date", "2017-03-04 or 2017-04-03"),
    *bad_date("B29", "1489708800", "epoch_number", edtf="bad_edtf"),
    case("B29", "0, command", add("--name", "S", "--start", "0"), "epoch_number", "start"),
    case("B29", "number in geojson", own_geojson(edtf=1489708800), "invalid_value", "edtf"),
    case("B30", "command", add("--name", "S", "--start", "2017-03-17", "--end", "2017-03-16"), "end_before_start",
         "2017-03-17 to 2017-03-16", "Swap"),
    case("B30", "csv", csv_incident(start="2017-03-17", end="2017-03-16"), "end_before_start", "in.csv, line 3"),
    case("B30", "geojson", own_geojson(edtf="2017-03-17/2017-03-16"), "end_before_start", "features 2 (school)"),
    case("B30", "query", line("find", "--from", "2017-03-17/2017-03-16"), "end_before_start"),
    case("B31", "no zone, command", add("--name", "S", "--start", "2017-03-17T23:30"), "naive_time", "start",
         "--tz Asia/Damascus"),
    case("B31", "no zone, csv", csv_incident(start="2017-03-17T23:30"), "naive_time", "in.csv, line 3", "start"),
    case("B31", "no zone, csv edtf", csv_incident(edtf="2017-03-17T20:00/2017-03-18T05:00"), "naive_time", "edtf"),
    case("B31", "no zone, geojson", own_geojson(edtf="[2017-03-17T20:00..2017-03-18T05:00Z]"), "naive_time", "edtf"),
    case("B31", "time without a day", add("--name", "S", "--start", "23:30Z"), "bad_date", "start"),
    *bad_date("B32", LATER, "future_date", "future"),
    *bad_date("B33", "20170317", "compact_date", "2017-03-17", edtf="bad_edtf"),
    *bad_date("B33", "2017-W11-5", "week_date", "YYYY-MM-DD", edtf="bad_edtf"),
]  # fmt: skip
