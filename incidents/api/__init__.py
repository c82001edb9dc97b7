"""The HTTP face: OGC API Features over the same functions that the command line calls; no SQL and no rules in it."""
