"""The checkup looks at everything and never stops at what is missing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from companion.core.errors import DeviceError
from companion.home import Home
from companion.models.catalogue import load_catalogue, model_folder
from companion.session.checkup import Check, State, checkup
from companion.settings import Settings
from tests.session.stage import all_of
from tests.session.test_startup import pretend_installed


async def checks(home: Home, settings: Settings | None = None) -> dict[str, Check]:
    return {check.name: check for check in await all_of(checkup(home, settings or Settings()))}


@pytest.fixture
def no_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise DeviceError("PortAudio is not installed.", hint="sudo apt-get install libportaudio2")

    monkeypatch.setattr("companion.session.checkup.portaudio", missing)


async def test_on_a_bare_machine_everything_is_limited_and_nothing_broken(home: Home, no_sound: None) -> None:
    found = await checks(home)
    assert list(found) == [
        *["Python", "machine", "memory", "disk", "terminal", "decks", "PortAudio"],
        *["voice", "ears", "language model"],
    ]
    assert found["Python"].state is State.WORKS
    assert found["decks"].state is State.WORKS
    assert found["PortAudio"] == Check(
        "PortAudio", State.LIMITED, "PortAudio is not installed.", "sudo apt-get install libportaudio2"
    )
    for name in ("voice", "ears", "language model"):
        assert found[name].state is State.LIMITED
        assert "companion models pull" in found[name].remedy
    assert not home.root.exists(), "looking creates nothing"


async def test_every_limit_comes_with_its_remedy(home: Home, no_sound: None) -> None:
    for check in (await checks(home)).values():
        assert check.remedy or check.state is State.WORKS, check


async def test_a_machine_without_devices_says_so(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(kind: str, wanted: str = "") -> None:
        raise DeviceError("There is no microphone on this machine.", hint="Plug one in.")

    sound = SimpleNamespace(get_portaudio_version=lambda: (1, "PortAudio V19.7, revision x"))
    monkeypatch.setattr("companion.session.checkup.portaudio", lambda: sound)
    monkeypatch.setattr("companion.session.checkup.find_device", none)
    found = await checks(home)
    assert found["PortAudio"] == Check("PortAudio", State.WORKS, "PortAudio V19.7")
    assert found["microphone"].state is found["speaker"].state is State.LIMITED
    assert found["microphone"].remedy == "Plug one in."


async def test_a_damaged_model_is_broken_and_told_how_to_mend(
    home: Home, no_sound: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("companion.models.machine.is_apple_silicon", lambda: False)
    pretend_installed(home, "recognizer")
    found = await checks(home)
    assert found["model whisper-tiny.en"].state is State.BROKEN
    assert found["model whisper-tiny.en"].remedy == "Fetch it again: companion models pull whisper-tiny.en"
    assert found["ears"].state is State.LIMITED
    model = load_catalogue()["whisper-tiny.en"]
    assert model_folder(home, model).is_dir()


async def test_what_is_switched_off_is_said_so(home: Home, no_sound: None) -> None:
    found = await checks(home, Settings(voice="none", language_model="none"))
    assert found["voice"].found == found["language model"].found == "switched off in the settings"


async def test_a_deck_that_cannot_be_read_is_named(home: Home, no_sound: None) -> None:
    folder = home.decks / "mine"
    folder.mkdir(parents=True)
    (folder / "case.md").write_text("no case at all")
    decks = (await checks(home))["decks"]
    assert decks.state is State.LIMITED
    assert "case.md" in decks.found


async def test_a_full_disk_and_little_memory_are_limits(
    home: Home, no_sound: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=10 * 2**20))
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=2**28, total=2**33))
    found = await checks(home)
    assert found["disk"].state is found["memory"].state is State.LIMITED
    assert "COMPANION_HOME" in found["disk"].remedy


@pytest.mark.parametrize(
    ("encoding", "state"), [("utf-8", State.WORKS), ("ascii", State.LIMITED), (None, State.LIMITED)]
)
async def test_a_terminal_without_our_signs_is_a_limit(
    home: Home, no_sound: None, monkeypatch: pytest.MonkeyPatch, encoding: str | None, state: State
) -> None:
    monkeypatch.setattr("sys.stdout", SimpleNamespace(encoding=encoding, isatty=lambda: False))
    assert (await checks(home))["terminal"].state is state
