"""The proposals of same events at 100,000 made-up reports, beside splink on the same."""
