"""Placing the rows of a person's own table: each name is looked up, nothing is picked silently (B67)."""

from gazetteer.matching.columns import Columns, find_columns
from gazetteer.matching.matcher import COLUMNS, ERROR, Found, Matcher, Spot
from gazetteer.matching.review import Choice, Tally, chosen, found_of_choices, learn, read_choices
from gazetteer.matching.table import MatchCounts, MatchTable, match_table, open_match

__all__ = [
    "COLUMNS", "ERROR", "Choice", "Columns", "Found", "MatchCounts", "MatchTable", "Matcher", "Spot", "Tally", "chosen",
    "find_columns", "found_of_choices", "learn", "match_table", "open_match", "read_choices",
]  # fmt: skip
