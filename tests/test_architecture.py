"""The shape of the package: small modules with plain names, each saying what it is for, and tests beside each."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import companion

PACKAGE = Path(companion.__file__).parent
TESTS = Path(__file__).parent
MODULES = sorted(path.relative_to(PACKAGE.parent) for path in PACKAGE.rglob("*.py") if "shipped" not in path.parts)

MOST_LINES = 300
VAGUE = re.compile(r"util|helper|manager|common|misc|stuff|\d+$")
"""Names that say nothing of what a module holds."""

NOT_PACKAGES = {"e2e", "fakes"}
"""Folders of tests that mirror no package: whole runs, and the engines' stand-ins."""

each_module = pytest.mark.parametrize("module", MODULES, ids=str)


def source(module: Path) -> str:
    return (PACKAGE.parent / module).read_text("utf-8")


def test_the_modules_are_found() -> None:
    assert Path("companion/core/events.py") in MODULES
    assert len(MODULES) > 50


@each_module
def test_a_module_is_short(module: Path) -> None:
    assert len(source(module).splitlines()) <= MOST_LINES


@each_module
def test_a_module_says_what_it_is_for(module: Path) -> None:
    said = ast.get_docstring(ast.parse(source(module)))
    assert said
    assert said.splitlines()[0].endswith((".", "?", "!"))


@each_module
def test_a_module_has_a_name_that_says_something(module: Path) -> None:
    assert not VAGUE.search(module.stem)


@each_module
def test_no_failure_is_swallowed_whole(module: Path) -> None:
    for node in ast.walk(ast.parse(source(module))):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            assert not (caught in ("everything", "Exception", "BaseException") and _does_nothing(node.body)), (
                f"line {node.lineno} catches {caught} and goes on"
            )


def test_tests_mirror_the_package() -> None:
    packages = {path.parent.name for path in PACKAGE.rglob("__init__.py")} - {"companion"}
    folders = {path.name for path in TESTS.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert folders - NOT_PACKAGES == packages
    for package in packages:
        assert list((TESTS / package).glob("test_*.py")), f"nothing in tests/{package}"


def test_a_test_is_named_so_that_it_runs() -> None:
    """A file of tests without the prefix would be passed over in silence."""
    for path in TESTS.rglob("*.py"):
        if not path.name.startswith("test_"):
            names = [node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)]
            assert not [name for name in names if name.startswith("test_")], path


def _does_nothing(body: list[ast.stmt]) -> bool:
    return all(
        isinstance(line, ast.Pass | ast.Continue)
        or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
        for line in body
    )
