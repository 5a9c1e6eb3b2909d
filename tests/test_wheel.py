"""The wheel carries all that Companion needs, and works where there is no checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

CHECKOUT = Path(__file__).parent.parent


def built(kind: str, source: Path, into: Path) -> Path:
    """A wheel or an sdist, made by the build backend itself: no isolation, so no network."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(into)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (made,) = into.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("wheel", CHECKOUT, tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has the wheel and the packages it needs, and no checkout."""
    root = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(root, with_pip=False)
    python = root / "bin" / "python"
    install = ["install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", str(python), *install], check=True)
    # The packages of this environment, but none of its .pth files: one of those leads to the checkout.
    (site,) = (root / "lib").glob("python*/site-packages")
    (site / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return root / "bin"


def run(program: Path, *arguments: str, cwd: Path) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [program, *arguments], cwd=cwd, env=clean, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def contents(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_data_and_code_are_inside_and_tests_are_not(wheel: Path) -> None:
    inside = contents(wheel)
    for kind in ("decks", "voices", "models"):
        there = {f"companion/shipped/{path.relative_to(CHECKOUT)}" for path in tracked(kind)}
        assert there
        assert there <= inside
    assert "companion/shipped/models/catalog.toml" in inside
    assert {str(path.relative_to(CHECKOUT)) for path in tracked("companion")} <= inside
    tops = {name.partition("/")[0] for name in inside}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"companion"}
    assert not [name for name in inside if "test" in Path(name).name or name.endswith((".pyc", ".part", ".wav"))]


def test_the_licence_goes_with_the_wheel(wheel: Path) -> None:
    assert [name for name in contents(wheel) if name.endswith("licenses/LICENSE")]


def test_a_wheel_made_from_the_source_archive_is_the_same(wheel: Path, tmp_path: Path) -> None:
    archive = built("sdist", CHECKOUT, tmp_path / "sdist")
    with tarfile.open(archive) as packed:
        packed.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    assert contents(built("wheel", source, tmp_path / "wheel")) == contents(wheel)


def test_the_installed_package_is_the_wheels(elsewhere: Path, tmp_path: Path) -> None:
    where = run(elsewhere / "python", "-c", "import companion; print(companion.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(elsewhere.parent)
    seen = run(elsewhere / "python", "-c", "import sys; print('\\n'.join(sys.path))", cwd=tmp_path).splitlines()
    assert str(CHECKOUT) not in seen


def test_the_decks_are_listed_from_the_wheel(elsewhere: Path, tmp_path: Path) -> None:
    listed = json.loads(run(elsewhere / "companion", "decks", "list", "--json", cwd=tmp_path))
    assert {deck["name"] for deck in listed["decks"]} == {path.parent.name for path in (CHECKOUT / "decks").glob("*/*")}
    assert all(deck["questions"] or deck["findings"] for deck in listed["decks"])


def test_voices_models_and_marks_work_from_the_wheel(elsewhere: Path, tmp_path: Path) -> None:
    program = elsewhere / "companion"
    assert json.loads(run(program, "voices", "list", "--json", cwd=tmp_path))["voices"]
    assert json.loads(run(program, "models", "list", "--json", cwd=tmp_path))["models"]
    answer = ("inferior-stemi", "territory", "--answer", "the inferior wall")
    marked = json.loads(run(program, "grade", *answer, "--json", cwd=tmp_path))
    assert marked["points"][0]["verdict"] == "hit"


def test_listing_the_decks_makes_no_home(elsewhere: Path, tmp_path: Path) -> None:
    run(elsewhere / "companion", "decks", "list", cwd=tmp_path)
    assert not Path(os.environ["COMPANION_HOME"]).exists()


def tracked(folder: str) -> list[Path]:
    """The files of a folder that belong to the package: no caches."""
    return [
        path
        for path in (CHECKOUT / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc" and path.name[0] != "."
    ]
