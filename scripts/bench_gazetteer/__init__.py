"""What ``scripts/bench.py gazetteer`` measures, a module for each part."""
