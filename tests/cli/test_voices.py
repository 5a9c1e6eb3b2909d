"""``companion voices``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from companion.cli import main
from companion.home import Home


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["voices", *arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_scripts_get_every_voice_with_all_that_is_known_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--json") == 0
    voices = json.loads(capsys.readouterr().out)["voices"]
    assert len(voices) == 28
    for voice in voices:
        assert voice.keys() == {"name", "accent", "description", "engine", "model", "licence", "chosen"}
    assert [voice["name"] for voice in voices if voice["chosen"]] == ["af_heart"]


def test_people_see_which_one_speaks_now(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.root.mkdir()
    home.config.write_text('voice = "bm_george"\n')
    assert run("list") == 0
    lines = capsys.readouterr().out.splitlines()
    (chosen,) = [line for line in lines if line.startswith("*")]
    assert "bm_george" in chosen
    assert "British" in chosen
    assert len(lines) == 29


def test_a_setting_that_names_no_voice_does_not_hide_the_list(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.root.mkdir()
    home.config.write_text('voice = "nobody"\n')
    assert run("list") == 0
    assert "af_heart" in capsys.readouterr().out


def test_a_preview_of_an_unknown_voice_offers_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("preview", "bm_gorge") == 2
    assert "Did you mean “bm_george”?" in capsys.readouterr().err


def test_a_preview_without_the_model_says_how_to_get_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("preview", "bm_george", "-o", str(tmp_path / "out.wav")) == 2
    assert "companion models pull kokoro-82m" in capsys.readouterr().err
