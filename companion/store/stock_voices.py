"""The voices that ship with Companion."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path

from companion.core.errors import SettingsError
from companion.home import shipped


@dataclass(frozen=True, slots=True)
class StockVoice:
    """A voice the tutor can speak in."""

    name: str
    accent: str
    description: str
    engine: str
    model: str
    """The model of the catalogue that speaks it."""
    licence: str


def stock_voices(folder: Path | None = None) -> tuple[StockVoice, ...]:
    """Every voice of the ``.toml`` files in ``folder``, by default the shipped ones, in their order."""
    voices = []
    for path in sorted((folder or shipped("voices")).glob("*.toml")):
        table = tomllib.loads(path.read_text("utf-8"))
        shared = {key: table[key] for key in ("engine", "model", "licence")}
        voices += [StockVoice(**voice, **shared) for voice in table["voice"]]
    return tuple(voices)


def stock_voice(name: str) -> StockVoice:
    """The voice of this name; raises ``SettingsError`` with the nearest one."""
    voices = {voice.name: voice for voice in stock_voices()}
    if name in voices:
        return voices[name]
    near = difflib.get_close_matches(name, voices, n=1, cutoff=0.5)
    raise SettingsError(
        f"There is no voice called “{name}”.",
        hint=f"Did you mean “{near[0]}”?" if near else "See: companion voices list",
    )
