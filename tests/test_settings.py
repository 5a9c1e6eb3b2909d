"""A typed flag beats the environment, which beats the file, which beats the default; nothing is guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from companion.core.errors import SettingsError
from companion.settings import NAMES, Settings


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def load(config: Path, environment: dict[str, str] | None = None, **flags: Any) -> Settings:
    return Settings.load(config, environment or {}, flags)


def refusal(config: Path, environment: dict[str, str] | None = None, **flags: Any) -> SettingsError:
    with pytest.raises(SettingsError) as error:
        load(config, environment, **flags)
    return error.value


def test_without_a_file_the_defaults_hold(config: Path) -> None:
    assert load(config) == Settings()


def test_each_source_beats_the_one_behind_it(config: Path) -> None:
    config.write_text('voice = "from the file"\nspeed = 0.9\npause_s = 1.5\n')
    environment = {"COMPANION_VOICE": "from the environment", "COMPANION_SPEED": "1.1"}
    found = load(config, environment, voice="typed")
    assert (found.voice, found.speed, found.pause_s) == ("typed", 1.1, 1.5)


def test_a_flag_that_was_not_given_changes_nothing(config: Path) -> None:
    config.write_text("speed = 0.9\n")
    assert load(config, speed=None).speed == 0.9


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_can_be_set_in_the_environment(config: Path, name: str) -> None:
    values = {str: "something", float: "2", int: "2", bool: "yes"}
    default = getattr(Settings(), name)
    value = "9" if name == "max_answer_s" else values[type(default)]
    found = getattr(load(config, {f"COMPANION_{name.upper()}": value}), name)
    assert type(found) is type(default)
    assert found != default


def test_variables_of_others_are_left_alone(config: Path) -> None:
    assert load(config, {"COMPANION_HOME": "/elsewhere", "VOICE": "x", "COMPANION_UNKNOWN": "x"}) == Settings()


def test_an_unknown_key_is_refused_with_the_file_and_the_nearest(config: Path) -> None:
    config.write_text('voise = "af_heart"\n')
    error = refusal(config)
    assert error.message == f"{config} has an unknown setting, “voise”."
    assert error.hint == "Did you mean “voice”?"


def test_a_key_like_none_lists_them_all(config: Path) -> None:
    config.write_text("zzz = 1\n")
    assert all(name in refusal(config).hint for name in NAMES)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("speed = 3", "from 0.5 to 2.0"),
        ("speed = 0.1", "from 0.5 to 2.0"),
        ("speed = nan", "must be a number"),
        ("threads = inf", "must be a whole number"),
        ('speed = "fast"', "must be a number, not 'fast'"),
        ("speed = true", "must be a number"),
        ("pause_s = 0", "from 0.2 to 10.0"),
        ("threads = -1", "from 0 to 256"),
        ('threads = "many"', "must be a whole number"),
        ("threads = 2.5", "must be a whole number"),
        ("keep_recordings = 2", "must be true or false"),
        ('keep_recordings = "perhaps"', "must be true or false"),
        ("voice = 3", "must be text in quotes"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_words(config: Path, line: str, told: str) -> None:
    config.write_text(line + "\n")
    message = refusal(config).message
    assert told in message
    assert str(config) in message
    assert line.split()[0] in message


def test_a_bad_variable_is_said_to_be_of_the_environment(config: Path) -> None:
    assert "the environment" in refusal(config, {"COMPANION_SPEED": "quick"}).message


def test_a_bad_flag_is_said_to_be_typed(config: Path) -> None:
    assert "the command line" in refusal(config, speed=9.0).message


@pytest.mark.parametrize("content", [b"voice = ", b"= 3", b"\xff\xfe voice", b"voice = 'a'\nvoice = 'b'"])
def test_a_file_that_is_no_toml_is_told_with_its_name(config: Path, content: bytes) -> None:
    config.write_bytes(content)
    assert refusal(config).message.startswith(f"{config} is not valid TOML")


def test_a_folder_in_place_of_the_file_is_told(config: Path) -> None:
    config.mkdir()
    assert refusal(config).message.startswith(f"{config} cannot be read")


@pytest.mark.parametrize(("word", "value"), [("yes", True), ("TRUE", True), ("1", True), ("no", False), ("0", False)])
def test_yes_and_no_are_understood(config: Path, word: str, value: bool) -> None:
    assert load(config, {"COMPANION_KEEP_RECORDINGS": word}).keep_recordings is value
