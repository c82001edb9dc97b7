"""Runs one task in this process and prints its figures as JSON: ``child.py MODULE:FUNCTION < ARGUMENTS``."""

from __future__ import annotations

import importlib
import json
import sys

if __name__ == "__main__":
    module, _, function = sys.argv[1].partition(":")
    # Only the module of the task is imported: what it does not need must not count as its memory.
    work = getattr(importlib.import_module(f"bench_scale.{module}"), function)
    print(json.dumps(work(**json.load(sys.stdin))))
