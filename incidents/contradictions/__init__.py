"""Contradictions: what the recorded data say against each other, each with the claims and the reason."""
