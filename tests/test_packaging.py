"""The wheel: what is in it, that it works alone, and that nothing of this machine is in the project's files."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = {"db", "gazetteer", "incidents"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
DATA = (".toml", ".mako", ".typed", ".json", ".csv", ".txt", ".html", ".css", ".js", ".svg", ".zdict")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the project as it stands."""
    pytest.importorskip("build")
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def unzipped(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files in a folder, as an installation would have them."""
    folder = tmp_path_factory.mktemp("unzipped")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run_alone(unzipped: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python on the unzipped wheel, in another folder, without this checkout on its path."""
    # An editable installation puts the checkout on the path through a .pth file; the wheel must come first.
    env = {name: value for name, value in os.environ.items() if not name.startswith("INCIDENTS_")}
    env |= {"PYTHONPATH": str(unzipped), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, *arguments], check=False, capture_output=True, text=True, env=env, cwd=cwd)


class TestContents:
    def test_nothing_else_stands_at_the_top(self, contents: set[str]) -> None:
        tops = {name.partition("/")[0] for name in contents}
        assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES

    def test_every_file_of_the_packages_is_in_it(self, contents: set[str]) -> None:
        source = {
            str(path.relative_to(ROOT))
            for package in PACKAGES
            for path in (ROOT / package).rglob("*")
            if path.suffix in {".py", *DATA} and not {"__pycache__", "node_modules"} & set(path.parts)
        }
        assert source - contents == set()
        assert "db/migrations/script.py.mako" in contents
        assert "db/migrations/versions/0001_the_ledger.py" in contents
        assert "incidents/web/static/map.js" in contents
        assert not any("node_modules" in name for name in contents)
        assert {f"{package}/py.typed" for package in PACKAGES} <= contents

    def test_nothing_is_in_it_that_is_no_source(self, contents: set[str]) -> None:
        inside = {name for name in contents if ".dist-info/" not in name}
        assert {name for name in inside if not name.endswith((".py", *DATA))} == set()
        assert {name for name in inside if re.search(r"(^|/)(tests?|test_[^/]*)(/|\.py$)", name)} == set()

    def test_the_command_and_the_licence_are_in_it(self, wheel: Path, contents: set[str]) -> None:
        with zipfile.ZipFile(wheel) as archive:
            entry = next(name for name in contents if name.endswith("entry_points.txt"))
            lines = archive.read(entry).decode().split()
            assert lines == ["[console_scripts]", "incidents", "=", PROJECT["project"]["scripts"]["incidents"]]
            metadata = archive.read(next(name for name in contents if name.endswith("/METADATA"))).decode()
        assert "Name: incident-atlas\n" in metadata
        assert "Requires-Python: <3.15,>=3.11\n" in metadata
        assert any(name.endswith("licenses/LICENSE") for name in contents)


class TestAlone:
    def test_a_database_is_made_by_the_migrations_of_the_wheel(self, unzipped: Path, tmp_path: Path) -> None:
        code = (
            "import json, sys, db\n"
            "from pathlib import Path\n"
            "from db.engine import open_database\n"
            "from db.schema import problems, upgrade\n"
            "database = open_database()\n"
            "print(json.dumps([db.__file__, str(database.path), upgrade(database), problems(database)]))\n"
        )
        done = run_alone(unzipped, tmp_path, "-W", "error", "-c", code)
        assert done.returncode == 0, done.stderr
        where, path, revisions, found = json.loads(done.stdout)
        assert Path(where) == unzipped / "db" / "__init__.py"
        assert Path(path) == tmp_path / "incidents.db"
        assert revisions[0] is None
        assert found == []

    def test_another_package_named_db_is_named(self, unzipped: Path, tmp_path: Path) -> None:
        (tmp_path / "db").mkdir()
        (tmp_path / "db" / "__init__.py").write_text("")
        # The working folder comes first on the path of -c, as an intruder's package would.
        code = "import sys; sys.path.insert(0, '.'); from incidents.cli.main import main; main()"
        done = run_alone(unzipped, tmp_path, "-c", code)
        assert done.returncode == 4
        assert "[package_overwritten]" in done.stderr

    def test_every_module_can_be_imported(self, unzipped: Path, tmp_path: Path) -> None:
        names = [
            ".".join(path.relative_to(unzipped).with_suffix("").parts).removesuffix(".__init__")
            for package in sorted(PACKAGES)
            for path in sorted((unzipped / package).rglob("*.py"))
            if path.name not in {"env.py", "__main__.py"} and "versions" not in path.parts
        ]
        code = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\n"
        done = run_alone(unzipped, tmp_path, "-W", "error", "-c", code, *names)
        assert done.returncode == 0, done.stderr
        assert list(tmp_path.iterdir()) == []

    def test_the_command_of_the_entry_point_answers(self, unzipped: Path, tmp_path: Path) -> None:
        module, _, name = PROJECT["project"]["scripts"]["incidents"].partition(":")
        code = f"import sys\nfrom {module} import {name}\nsys.argv = ['incidents', '--help']\nsys.exit({name}())\n"
        done = run_alone(unzipped, tmp_path, "-c", code)
        assert done.returncode == 0, done.stderr
        assert "incidents" in done.stdout


def committed() -> list[Path]:
    """The files that git tracks; all of them, so that none is passed over for its kind."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    names = subprocess.run([git, "-C", str(ROOT), "ls-files", "-z"], check=True, capture_output=True).stdout
    return [path for name in names.decode().split("\0") if name and (path := ROOT / name).is_file()]


# Written in two halves, so that this file does not hold what it looks for.
FORBIDDEN = ["/wo" + "rk/", "/ro" + "ot/", "/tm" + "p/venv", "pypi" + "-more", "index" + "-url", "extra-" + "index"]


class TestCommittedFiles:
    def test_name_no_path_or_registry_of_a_machine(self) -> None:
        found = [
            f"{path.relative_to(ROOT)}: {text}"
            for path in committed()
            for text in FORBIDDEN
            if text.encode() in path.read_bytes()
        ]
        assert found == []

    def test_are_no_databases_or_archives(self) -> None:
        kinds = {".db", ".sqlite", ".zip", ".gz", ".whl", ".pyc", ".pem", ".key"}
        assert [str(path.relative_to(ROOT)) for path in committed() if path.suffix in kinds] == []

    def test_data_has_no_field_for_the_name_of_a_dead_person(self) -> None:
        """Names of victims are not collected (law 5); a field for them is how they would come in."""
        field = re.compile(
            r"^\s*\"?[\w ]*(victim|deceased|martyr|next_of_kin|father|mother)[\w ]*\"?\s*[=:,]", re.I | re.M
        )
        data = [path for path in committed() if path.suffix in {".toml", ".csv", ".json", ".yaml", ".geojson"}]
        found = [f"{path.relative_to(ROOT)}: {match[0].strip()}" for path in data
                 if (match := field.search(path.read_text(encoding="utf-8")))]  # fmt: skip
        assert len(data) > 0
        assert found == []

    def test_pins_have_no_address(self) -> None:
        lines = (ROOT / "constraints.txt").read_text().splitlines()
        pins = [line for line in lines if line.strip() and not line.startswith("#")]
        assert len(pins) > 10
        assert [line for line in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+( ?;.*)?", line)] == []
