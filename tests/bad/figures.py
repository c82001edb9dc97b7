"""B16 to B25: figures, in claims and in coordinates."""

from __future__ import annotations

from tests.bad.desk import CITED, WHO, Desk
from tests.bad.doors import PLACE, Command, case, claim, csv_claim, csv_incident, line, own_claim, point, raw_geojson

HUGE = "1" + "0" * 30
WORDS = ("up to 30", "at least 33", "dozens")


def figure(number: str) -> dict[str, str]:
    """An exact figure in the cells of a CSV."""
    return {"bound": "exact", "minimum": number, "maximum": number}


def exact(number: str) -> tuple[str, ...]:
    """An exact figure as options."""
    return ("--bound", "exact", "--min", number, "--max", number)


def with_parts(category: str, words: str) -> Command:
    """A second part of the market's total of 10, of which 6 children are recorded."""

    def command(desk: Desk) -> tuple[str, ...]:
        part = ("claim", "add", "market", *CITED, "--subset-of", "market-c1")
        desk.done(*part, "--category", "child", "--words", "6", *WHO)
        return (*part, "--category", category, "--words", words, *WHO)

    return command


def json_number(text: str) -> Command:
    """Our own GeoJSON with a claim whose numbers are this JSON text."""
    claims = (
        '[{"source":"monitor","report":"monitor-1","outcome":"killed","category":"civilian","bound":"exact",'
        f'"minimum":{text},"maximum":{text}}}]'
    )
    return raw_geojson(
        '{"type":"FeatureCollection","format":"incident-atlas/1","tier":"internal","features":[{"type":"Feature",'
        f'"id":"school","properties":{{"code":"school","name":"S","claims":{claims}}}}}]}}'
    )


CASES = [
    case("B16", "command", claim("--bound", "between", "--min", "9", "--max", "1"), "range_reversed", "minimum",
         "9 to 1", "Swap"),
    case("B16", "words", claim("--words", "between 9 and 1"), "range_reversed", "words", "9 to 1"),
    case("B16", "csv", csv_claim(bound="between", minimum="9", maximum="1"), "range_reversed", "claims.csv, line 2",
         "9 to 1"),
    case("B16", "geojson", own_claim(bound="between", minimum=9, maximum=1), "range_reversed",
         "features 2 (school), claims 1"),
    case("B17", "command", claim(*exact("-1")), "negative_count", "--min"),
    case("B17", "words", claim("--words", "-5"), "negative_count", "words"),
    case("B17", "csv", csv_claim(**figure("-1")), "negative_count", "claims.csv, line 2, minimum"),
    case("B17", "geojson", own_claim(bound="exact", minimum=-1, maximum=-1), "negative_count", "claims 1"),
    case("B18", "command", claim(*exact("1000000000")), "count_too_large", "10,000,000"),
    case("B18", "command, confirmed", claim(*exact("10000001"), "--confirm-large"), "count_too_large"),
    case("B18", "words unconfirmed", claim("--words", "at least 100,000"), "large_count_unconfirmed",
         "--confirm-large"),
    case("B18", "csv", csv_claim(**figure("1000000000"), confirmed="yes"), "count_too_large",
         "claims.csv, line 2, minimum"),
    case("B18", "csv unconfirmed", csv_claim(words="100,000"), "large_count_unconfirmed", "claims.csv, line 2",
         "column confirmed"),
    case("B18", "geojson", own_claim(bound="exact", minimum=10**9, maximum=10**9), "count_too_large", "claims 1"),
    case("B19", "command", claim(*exact(HUGE)), "count_too_large", "--min"),
    case("B19", "words", claim("--words", HUGE), "count_too_large", "words"),
    case("B19", "csv", csv_claim(**figure(HUGE)), "count_too_large", "claims.csv, line 2, minimum"),
    case("B19", "geojson", json_number(HUGE), "count_too_large", "claims 1"),
    *(case("B20", f"geojson {text}", json_number(text), "not_finite", "in.geojson", text, "null")
      for text in ("NaN", "Infinity", "-Infinity", "1e999")),
    *(case("B20", f"csv count {text}", csv_claim(**figure(text)), "not_finite", "claims.csv, line 2, minimum")
      for text in ("NaN", "inf", "1e999")),
    *(case("B20", f"csv degrees {text}", csv_incident(**PLACE, lon=text, lat="36"), "not_finite",
           "in.csv, line 3", "lon")
      for text in ("NaN", "Infinity", "1e999")),
    *(case("B20", f"command {text}", point("--lon", text, "--lat", "36"), "not_finite", "--lon")
      for text in ("nan", "Infinity", "1e999")),
    *(case("B21", f"geojson {text}", json_number(text), "not_an_integer", "claims 1", "whole number")
      for text in ("true", "3.0", '"12"', '"012"', '"1_000"')),
    *(case("B21", f"csv {text}", csv_claim(**figure(text)), "not_an_integer", "claims.csv, line 2, minimum", "digits")
      for text in ("3.0", "1_000", "+12")),
    case("B21", "csv true", csv_claim(**figure("true")), "words_in_number_cell", "claims.csv, line 2, minimum"),
    *(case("B21", f"command {text}", claim(*exact(text)), "not_an_integer", "--min")
      for text in ("3.0", "1_000", "+12")),
    case("B22", "geojson", json_number('"٣٤"'), "not_an_integer", "claims 1"),
    *(case("B23", f"csv {text}", csv_claim(bound="exact", minimum=text, maximum="30"), "words_in_number_cell",
           "claims.csv, line 2, minimum", "column words")
      for text in WORDS),
    case("B23", "command", claim("--bound", "exact", "--min", "up to 30"), "words_in_number_cell", "--words"),
    case("B24", "part above whole", claim("--words", "11", "--subset-of", "market-c1"), "part_exceeds_whole",
         "At least 11 of at most 10", "--subset-of"),
    case("B24", "children and women above whole", with_parts("woman", "5"), "part_exceeds_whole",
         "together", "at most 10"),
    case("B24", "csv", csv_claim(words="at least 11", subset_of="market-c1"), "part_exceeds_whole",
         "claims.csv, line 2"),
    case("B25", "csv", csv_incident(**PLACE, lon="36,19", lat="36.1"), "decimal_comma", "in.csv, line 3", "lon",
         "36.19"),
    case("B25", "csv count", csv_claim(**figure("36,1")), "decimal_comma", "claims.csv, line 2, minimum"),
    case("B25", "command", point("--lon", "36,19", "--lat", "36.1"), "decimal_comma", "--lon", "36.19"),
    case("B25", "box", line("find", "--bbox", "36,5,35,8,37,5,36,6"), "bad_bbox", "decimal sign is a point"),
    case("B25", "radius", line("find", "--near", "Al Jinah", "--radius", "2,5km"), "bad_distance",
         "decimal sign is a point"),
]  # fmt: skip
