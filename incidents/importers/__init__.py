"""Readers of other people's files, one file a format."""
