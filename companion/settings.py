"""Settings: a typed flag beats the environment, which beats ``config.toml``, which beats the default."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from companion.core.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a user can choose, with the defaults."""

    language_model: str = "auto"
    """A model of the catalogue, ``endpoint``, ``none``, or ``auto`` for the best that is here."""
    endpoint_url: str = "http://127.0.0.1:11434/v1"
    """An OpenAI-style server; used when ``language_model`` is ``endpoint``."""
    endpoint_model: str = ""
    """The model to ask that server for; empty takes its first."""
    allow_remote_endpoint: str = ""
    """Text leaves the machine only if this says exactly: send my words to another machine."""
    recognizer_model: str = "auto"
    """A speech-in model of the catalogue, or ``auto``."""
    voice: str = "af_heart"
    """The voice that speaks, or ``none``."""
    speed: float = 1.0
    """Speaking rate, 0.5 to 2."""
    microphone: str = ""
    """Input device as ``name, host API``; empty takes the system's default."""
    speaker: str = ""
    """Output device, likewise."""
    pause_s: float = 0.9
    """Seconds of silence after which an answer is over."""
    max_answer_s: float = 180.0
    """The longest answer that is heard, in seconds."""
    keep_recordings: bool = False
    """Whether spoken answers are kept in ``recordings/``."""
    threads: int = 0
    """Threads for each engine; 0 chooses by the number of cores."""

    @classmethod
    def load(
        cls,
        config: Path,
        environment: Mapping[str, str] = os.environ,
        flags: Mapping[str, Any] | None = None,
    ) -> Settings:
        """Read ``config`` (may be absent), ``COMPANION_*`` variables and typed flags (None: not given)."""
        settings = cls()
        for source, given in (
            (str(config), _read_toml(config)),
            ("the environment", _read_environment(environment)),
            ("the command line", {k: v for k, v in (flags or {}).items() if v is not None}),
        ):
            settings = _apply(settings, given, source)
        return settings


NAMES = tuple(field.name for field in fields(Settings))

_LIMITS = {"speed": (0.5, 2.0), "pause_s": (0.2, 10.0), "max_answer_s": (5.0, 3600.0), "threads": (0, 256)}


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}", hint="Mend the line it names.") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error


def _read_environment(environment: Mapping[str, str]) -> dict[str, str]:
    named = {"COMPANION_" + name.upper(): name for name in NAMES}
    return {named[key]: value for key, value in environment.items() if key in named}


def _apply(settings: Settings, given: Mapping[str, Any], source: str) -> Settings:
    values = {}
    for key, value in given.items():
        if key not in NAMES:
            near = difflib.get_close_matches(key, NAMES, n=1)
            raise SettingsError(
                f"{source} has an unknown setting, “{key}”.",
                hint=f"Did you mean “{near[0]}”?" if near else "Known settings: " + ", ".join(NAMES) + ".",
            )
        values[key] = _typed(key, value, type(getattr(settings, key)), source)
    return replace(settings, **values)


def _typed(key: str, value: Any, wanted: type, source: str) -> Any:
    def refuse(expected: str) -> SettingsError:
        return SettingsError(f"“{key}” in {source} must be {expected}, not {value!r}.")

    if wanted is bool:
        words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in words:
            return words[value.lower()]
        raise refuse("true or false")
    if wanted is str:
        if not isinstance(value, str):
            raise refuse("text in quotes")
        return value
    if isinstance(value, bool):
        raise refuse("a number")
    try:
        number = wanted(value)
        if isinstance(value, float) and number != value:
            raise ValueError(value)
    except (TypeError, ValueError, OverflowError):
        raise refuse("a whole number" if wanted is int else "a number") from None
    low, high = _LIMITS[key]
    if not low <= number <= high:
        raise refuse(f"from {low} to {high}")
    return number
