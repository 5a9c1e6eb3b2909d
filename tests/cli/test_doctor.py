"""``companion doctor``: for people, for scripts, and by its exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.home import Home
from companion.models.catalogue import load_catalogue, model_folder
from tests.cli.program import NO_DEVICES, NO_PORTAUDIO, companion, without
from tests.session.test_startup import pretend_installed

BARE = ["Python", "machine", "memory", "disk", "terminal", "decks"]


def test_on_a_bare_machine_it_is_healthy_and_tells_every_remedy(home: Home, tmp_path: Path) -> None:
    ran = companion("doctor", "--json", variables=without(NO_PORTAUDIO, tmp_path / "sound"))
    assert ran.status == 0
    (told,) = ran.events
    assert told.keys() == {"healthy", "checks"}
    assert told["healthy"] is True
    assert [check["name"] for check in told["checks"]] == [*BARE, "PortAudio", "voice", "ears", "language model"]
    for check in told["checks"]:
        assert check.keys() == {"name", "state", "found", "remedy"}
        assert check["state"] in ("works", "limited")
        assert check["remedy"] or check["state"] == "works"
    sound = next(check for check in told["checks"] if check["name"] == "PortAudio")
    assert "is not installed" in sound["found"]
    assert sound["remedy"]
    assert not home.root.exists()


def test_people_get_a_line_each_with_its_sign_and_its_word(tmp_path: Path) -> None:
    ran = companion("doctor", variables=without(NO_DEVICES, tmp_path / "sound"))
    assert ran.status == 0
    assert "✓ works    PortAudio: PortAudio V19.7.0" in ran.out
    assert "! limited  microphone: There is no microphone on this machine." in ran.out
    assert "           → Plug one in and try again" in ran.out


def test_something_installed_that_is_broken_ends_with_1(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_installed(home, "recognizer")
    ran = companion("doctor", "--json", variables=without(NO_DEVICES, tmp_path / "sound"))
    assert ran.status == 1
    assert ran.events[0]["healthy"] is False
    broken = [check for check in ran.events[0]["checks"] if check["state"] == "broken"]
    assert [check["name"] for check in broken] == ["model whisper-tiny.en"]
    assert "companion models pull whisper-tiny.en" in broken[0]["remedy"]


@pytest.mark.models
@pytest.mark.slow
def test_with_the_starter_models_every_engine_really_runs(model_home: Home, tmp_path: Path) -> None:
    ran = companion("doctor", "--json", variables=without(NO_DEVICES, tmp_path / "sound"))
    assert ran.status == 0, ran.out
    found = {check["name"]: check for check in ran.events[0]["checks"]}
    for model in load_catalogue().starter(apple_silicon=False):
        if model_folder(model_home, model).is_dir():
            assert found[f"model {model.name}"]["found"] == "checksums right"
    assert found["voice"]["state"] == "works"
    assert "s of speech" in found["voice"]["found"]
    assert found["ears"]["state"] == "works"
    assert "the tutor speaks" in found["ears"]["found"].lower()
