"""``companion say``: how it reads a text, and what it needs to say it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from companion.cli import main
from companion.engines.wav import read_clip
from companion.home import Home
from tests.cli.program import NO_DEVICES, NO_PORTAUDIO, companion, without
from tests.session.test_startup import Fakes
from tests.session.test_startup import fakes as fakes
from tests.session.test_startup import off_apple_silicon as off_apple_silicon

FIELDS = {"spoken", "path", "audio_s", "compute_s", "first_audio_s"}


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["say", *map(str, arguments)])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_what_is_read_out_needs_no_voice(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("Give 300 mg.", "--show-spoken") == 0
    assert capsys.readouterr().out == "Give three hundred milligrams.\n"
    assert run("Give 300 mg.", "--show-spoken", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told.keys() == FIELDS
    assert (told["spoken"], told["path"]) == ("Give three hundred milligrams.", None)


def test_a_file_is_written_and_described(fakes: Fakes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "new" / "out.wav"
    assert run("Give aspirin. Call the lab.", "-o", path, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told.keys() == FIELDS
    assert told["spoken"] == "Give aspirin. Call the lab."
    assert told["path"] == str(path)
    assert told["audio_s"] == pytest.approx(read_clip(path).seconds, abs=0.01)
    assert 0 <= told["first_audio_s"] <= told["compute_s"]


@pytest.mark.parametrize("text", ["", "  ", "...", "—"])
def test_a_text_without_a_word_is_refused(
    fakes: Fakes, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(text, "-o", tmp_path / "out.wav") == 2
    assert "nothing to say" in capsys.readouterr().err
    assert list(tmp_path.glob("*.wav")) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--voice", "af_hart"], "Did you mean “af_heart”?"),
        (["--voice", "none"], "The voice is set to “none”."),
        (["--speed", "9"], "from 0.5 to 2.0"),
    ],
)
def test_what_cannot_be_is_told(
    arguments: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("Hello.", "-o", tmp_path / "out.wav", *arguments) == 2
    assert told in capsys.readouterr().err.replace("\n", " ")


def test_without_a_voice_the_error_is_about_saying(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("Hello.", "-o", tmp_path / "out.wav") == 2
    err = capsys.readouterr().err
    assert "companion models pull kokoro-82m" in err
    assert "so it writes" not in err


def test_a_file_that_cannot_be_written_is_told(
    fakes: Fakes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert run("Hello.", "-o", tmp_path / "file" / "out.wav") == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("sound", "told"),
    [
        (NO_DEVICES, "There is no speaker on this machine. Plug one in and try again"),
        (NO_PORTAUDIO, "PortAudio, the library that reaches the microphone and the speaker, is not installed"),
    ],
    ids=["no devices", "no PortAudio"],
)
def test_without_a_speaker_it_says_why_before_it_loads_a_voice(sound: str, told: str, tmp_path: Path) -> None:
    ran = companion("say", "Give 300 mg.", variables=without(sound, tmp_path / "sound"))
    assert ran.status == 2
    assert told in ran.told


@pytest.mark.models
def test_the_real_voice_says_it(model_home: Home, tmp_path: Path) -> None:
    ran = companion("say", "Give 300 mg.", "-o", tmp_path / "out.wav", "--json")
    assert ran.status == 0, ran.err
    (told,) = ran.events
    assert told["spoken"] == "Give three hundred milligrams."
    assert 0.8 < told["audio_s"] < 4.0
    assert told["audio_s"] == pytest.approx(read_clip(tmp_path / "out.wav").seconds, abs=0.01)
