"""Made-up organisations and reports, as the members of our own GeoJSON."""

from __future__ import annotations

from typing import Any

from incidents.exports.geojson import FORMAT

Record = dict[str, Any]

SOURCES = 60
BELLIGERENTS = 6
AUTHORITY, GRADER = "source-1", "source-0"
KINDS = ("casualty_monitor", "military", "local_media", "international_media", "ngo_investigator", "social_media",
         "civil_defence_or_health", "un_body", "government", "witness")  # fmt: skip
REPORTS_A_SOURCE = (2, 84)
"""The fewest and the most reports that one source has."""


def reports_a_source(incidents: int) -> int:
    """How many reports each source has in a set of so many incidents."""
    fewest, most = REPORTS_A_SOURCE
    return min(most, max(fewest, incidents // 1_000))


def source_code(number: int) -> str:
    """The code of a source, from 0."""
    return f"source-{number}"


def report_code(source: int, number: int) -> str:
    """The code of a source's report, both from 0."""
    return f"report-{source}-{number}"


def belligerent_code(number: int) -> str:
    """The code of an actor, from 0."""
    return f"force-{number}"


def collection(features: list[Record], organisations: list[Record], reports: list[Record]) -> Record:
    """A document that the import of our own GeoJSON reads."""
    head = {"type": "FeatureCollection", "format": FORMAT, "generator": "scripts/bench.py", "tier": "internal",
            "rule": "envelope", "as_of": None, "areas": False}  # fmt: skip
    return head | {"features": features, "organisations": organisations, "reports": reports}


def organisations() -> list[Record]:
    """Every source and belligerent; the first source is the monitor that grades."""
    found: list[Record] = [
        {"code": source_code(number), "name": f"Made-up Desk {number}", "kind": KINDS[number % len(KINDS)]}
        for number in range(SOURCES)
    ]
    kinds = ("coalition", "military", "armed_group")
    for number in range(BELLIGERENTS):
        one: Record = {
            "code": belligerent_code(number), "name": f"Made-up Force {number}", "kind": kinds[number % len(kinds)],
        }  # fmt: skip
        if number == BELLIGERENTS - 1:
            one["belongs_to"] = [{"group": belligerent_code(0), "kind": "part"}]
        found.append(one)
    return found


def reports(incidents: int) -> list[Record]:
    """The reports of all sources; a few are restricted, or may not be exported."""
    found = []
    for source in range(SOURCES):
        for number in range(reports_a_source(incidents)):
            code = report_code(source, number)
            found.append({
                "code": code, "publisher": source_code(source), "title": f"Log {number} of Made-up Desk {source}",
                "url": f"https://desk{source}.example.org/log/{number}", "language": "ar" if source % 3 == 0 else "en",
                "published": f"{2011 + number % 14}-{1 + number % 12:02}", "licence": "CC-BY-4.0",
                "may_export": number % 41 != 40, "visibility": "restricted" if number % 67 == 66 else "public",
            })  # fmt: skip
    return found
