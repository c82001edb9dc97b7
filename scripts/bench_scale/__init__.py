"""What ``scripts/bench.py scale`` measures: made-up incidents by the million, and each work beside its peer."""
