"""What the README says is so: its commands run, their output is as shown, its settings and links are real.

A ``console`` block is run line by line, from the first to the last in one folder and one home, since later ones use
what earlier ones made. Its output must be as shown, unless the block is marked ``varies`` (times, phrasings).
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import click
import pytest

from companion.cli import companion
from companion.models.catalogue import load_catalogue
from companion.settings import NAMES, Settings
from tests.conftest import USERS_MODELS

CHECKOUT = Path(__file__).parent.parent
README = (CHECKOUT / "README.md").read_text("utf-8")

NEEDS_A_MICROPHONE = frozenset({"companion quiz cardiology"})
"""Not run, since it would listen to whoever sits here: only its arguments are checked."""


@dataclass(frozen=True)
class Shown:
    """A command of the README, and what it is shown to print."""

    command: str
    output: str
    exact: bool


def fences(language: str) -> list[tuple[str, str]]:
    """The words after the language, and the text, of each code fence."""
    found = re.findall(rf"^( *)```{language}\b *(.*)\n((?:.*\n)*?)\1```$", README, re.MULTILINE)
    return [(told, re.sub(rf"^{indent}", "", text, flags=re.MULTILINE)) for indent, told, text in found]


def shown() -> list[Shown]:
    commands = []
    for told, text in fences("console"):
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            commands.append(Shown(command, output.strip(), exact=not told))
    return commands


COMMANDS = shown()
PROSE = sorted(set(re.findall(r"`(?:ACCEPT_TERMS=1 )?((?:companion|make) [^`]+)`", README)))


def parsed(command: str) -> None:
    """Check arguments against the parsers of the command line, without running anything."""
    words = shlex.split(command)
    assert words[0] == "companion"
    parser: click.Command = companion
    context = parser.make_context("companion", words[1:])
    while isinstance(parser, click.Group):
        name, found, rest = parser.resolve_command(context, [*context._protected_args, *context.args])
        assert found is not None
        parser, context = found, found.make_context(name, rest, parent=context)


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text("utf-8"), re.MULTILINE))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to work in, with a home that has the starter models, and the decks beside."""
    if not USERS_MODELS.is_dir():
        pytest.fail(f"the starter models are not in {USERS_MODELS}: run `make test`, or `companion models pull`")
    root = tmp_path_factory.mktemp("readme")
    (root / "home").mkdir(mode=0o700)
    (root / "home" / "models").symlink_to(USERS_MODELS, target_is_directory=True)
    (root / "decks").symlink_to(CHECKOUT / "decks", target_is_directory=True)
    return root


def without_trailing_space(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def test_the_readme_shows_commands() -> None:
    assert len(COMMANDS) > 15
    assert {"quiz", "explain", "history", "decks", "models", "doctor"} <= {
        shlex.split(each.command.rpartition("companion ")[2])[0] for each in COMMANDS
    }
    assert {each.command for each in COMMANDS} >= NEEDS_A_MICROPHONE


@pytest.mark.models
@pytest.mark.slow
@pytest.mark.parametrize("each", COMMANDS, ids=lambda each: each.command)
def test_a_command_of_the_readme_does_what_is_shown(each: Shown, place: Path) -> None:
    if each.command in NEEDS_A_MICROPHONE:
        parsed(each.command)
        return
    words = shlex.split(each.command)
    if words[0] == "unshare" and not (
        shutil.which("unshare")
        and subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0
    ):
        pytest.skip("this machine does not let a user take the network away from a program")
    at = words.index("companion")
    done = subprocess.run(
        [*words[:at], sys.executable, "-m", *words[at:]],
        cwd=place,
        env=os.environ | {"COMPANION_HOME": str(place / "home"), "COLUMNS": "80", "PYTHONPATH": str(CHECKOUT)},
        input="The inferior wall, and the right coronary artery.\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    # The doctor ends with 1 where something is broken; here everything it needs was just set up.
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    if each.exact:
        # Remarks for the person, on stderr, are on the same screen.
        assert without_trailing_space(done.stdout + done.stderr) == without_trailing_space(each.output)
    elif each.output:
        assert done.stdout.strip()


@pytest.mark.parametrize("command", PROSE)
def test_a_command_named_in_passing_can_be_typed(command: str) -> None:
    if command.startswith("make "):
        assert shlex.split(command)[1] in targets()
        arguments = dict(word.split("=", 1) for word in shlex.split(command)[2:])
        if "ARGS" in arguments:
            parsed(f"companion {arguments['ARGS']}")
    else:
        with contextlib.suppress(click.MissingParameter):  # A command may be named without its arguments.
            parsed(command)


def test_the_two_commands_are_targets_of_make() -> None:
    lines = [line for _, text in fences("sh") for line in text.splitlines()]
    assert {"make run", "make test"} <= set(lines)
    assert {line.split()[1] for line in lines if line.startswith("make ")} <= targets()


def test_a_wrong_argument_would_be_noticed() -> None:
    with pytest.raises(click.UsageError):
        parsed("companion quiz --loud")
    with pytest.raises(click.UsageError):
        parsed("companion quizz")


def test_the_settings_shown_are_all_there_are_and_can_be_used(tmp_path: Path) -> None:
    ((_, text),) = fences("toml")
    assert set(tomllib.loads(text)) == set(NAMES)
    (tmp_path / "config.toml").write_text(text, "utf-8")
    settings = Settings.load(tmp_path / "config.toml", {})
    assert settings.voice == "bf_emma"
    # What the README does not vary on purpose is shown as the default it is.
    varied = {"voice", "speed", "pause_s"}
    assert [name for name in NAMES if getattr(settings, name) != getattr(Settings(), name)] == [
        name for name in NAMES if name in varied
    ]


def test_every_link_within_the_repository_leads_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert len(links) >= 6
    assert [link for link in links if not (CHECKOUT / link).exists()] == []


def test_the_picture_is_of_the_command_that_is_shown_and_fetches_nothing() -> None:
    picture = (CHECKOUT / "docs" / "quiz.svg").read_text("utf-8")
    assert "companion&#160;quiz&#160;--case&#160;inferior-stemi&#160;--text&#160;--limit&#160;1" in picture
    assert not re.search(r"url\(\"?http|href|@import|<script", picture)


def test_every_package_that_is_installed_has_its_licence_told() -> None:
    required = [re.split(r"[\[=<>;~! ]", line, maxsplit=1)[0] for line in metadata.requires("companion-tutor") or []]
    assert len(required) > 20
    licences = README[README.index("## Licences") :]
    told = licences.lower().replace("_", "-")
    missing = [name for name in required if not re.search(rf"\b{re.escape(name.lower().replace('_', '-'))}\b", told)]
    assert missing == []


def test_the_licences_told_are_those_in_the_packages() -> None:
    """By each package's own metadata; those of which it says nothing carry the text of their licence alone."""
    stated_as = {
        "MIT": r"\bMIT\b",
        "BSD-3-Clause": r"\bBSD",
        "Apache-2.0": r"Apache",
        "LGPL": r"LGPL",
        "GPL-3.0-or-later": r"\bGPLv3|\bGPL-3",
    }
    silent, checked = set(), 0
    rows = re.findall(r"^\| ([^|]+) \| \**([\w.-]+)[^|]*\|$", README[README.index("| Package") :], re.MULTILINE)
    for packages, licence in rows[1:]:
        for name in re.findall(r"[A-Za-z][\w.-]+", packages.partition(", which")[0]):
            try:
                about = metadata.metadata(name)
            except metadata.PackageNotFoundError:
                continue
            stated = " ".join(
                value
                for field in ("License-Expression", "License", "Classifier")
                for value in about.get_all(field, [])
                if field != "Classifier" or value.startswith("License")
            )
            if stated:
                checked += 1
                assert re.search(stated_as[licence], stated), f"{name}: {stated[:200]}"
            else:
                silent.add(name)
    assert checked > 20
    assert silent <= {"kokoro-onnx", "espeakng-loader"}


def test_the_starter_models_and_their_licences_are_told() -> None:
    licences = README[README.index("## Licences") :]
    for model in load_catalogue().values():
        assert model.licence in licences
