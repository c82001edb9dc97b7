"""Totals: how many in several events together, each event counted once and no part added to its whole."""
