"""``companion bench`` with fake engines: what it prints and how it fails. ``session/bench`` is tried on its own."""

from __future__ import annotations

import json

import pytest

from companion.cli import main
from companion.core.errors import EngineError
from tests.fakes.sound import FakeDetector
from tests.session.test_bench import BareRecognizer, ShortVoice
from tests.session.test_startup import Fakes
from tests.session.test_startup import fakes as fakes
from tests.session.test_startup import off_apple_silicon as off_apple_silicon


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["bench", *arguments])
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.fixture
def quick(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> Fakes:
    fakes["detector"] = FakeDetector
    fakes["recognizer"] = lambda *_, **__: BareRecognizer("Aspirin.")
    fakes["voice"] = lambda *_, **__: ShortVoice()
    monkeypatch.setenv("COMPANION_LANGUAGE_MODEL", "none")
    return fakes


def test_scripts_get_the_machine_the_spreads_and_the_ratio(quick: Fakes, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("-n", "2", "--json") == 0
    told = capsys.readouterr()
    result = json.loads(told.out)
    assert result.keys() == {"machine", "n", "first_audio_latency_s", "stages", "overhead_ratio", "peak_rss_mb"}
    assert result["n"] == 2
    for spread in (result["first_audio_latency_s"], *result["stages"].values()):
        assert spread.keys() == {"min", "median", "p95"}
        assert 0 <= spread["min"] <= spread["median"] <= spread["p95"]
    assert {"endpoint_s", "transcribe_s", "grade_s", "first_clause_s", "first_audio_s"} <= result["stages"].keys()
    assert result["overhead_ratio"] > 0
    assert result["peak_rss_mb"] > 10
    assert "2/2: first audio after" in told.err, "progress goes to stderr"


def test_people_get_a_table(quick: Fakes, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("-n", "1") == 0
    out = capsys.readouterr().out
    assert "1 answer" in out
    assert "first_audio_latency_s" in out
    assert "Over the bare library calls:" in out


def test_without_ears_or_voice_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("-n", "1") == 2
    err = capsys.readouterr().err
    assert "A bench needs ears and a voice." in err
    assert "companion models pull" in err


def test_an_engine_that_fails_ends_it_in_words(quick: Fakes, capsys: pytest.CaptureFixture[str]) -> None:
    quick["recognizer"] = lambda *_, **__: BareRecognizer(EngineError("whisper.cpp failed.", hint="Mend it."))
    assert run("-n", "1") == 2
    err = capsys.readouterr().err
    assert "whisper.cpp failed." in err
    assert "Mend it." in err


def test_no_answers_are_no_bench(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("-n", "0") == 2
