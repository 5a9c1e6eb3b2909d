"""Errors meant for the person at the keyboard: what happened, and what to do about it."""

from __future__ import annotations


class CompanionError(Exception):
    """A failure a user can understand: a plain message, a remedy, and a short title."""

    title = "Something went wrong"

    def __init__(self, message: str, *, hint: str = "", title: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if title:
            self.title = title


class SettingsError(CompanionError):
    """A setting, flag or environment variable that cannot be used."""

    title = "A setting cannot be used"


class DeviceError(CompanionError):
    """A microphone, speaker or audio file that cannot be used."""

    title = "Sound is not available"


class ModelError(CompanionError):
    """Weights that are missing, damaged, refused or cannot be fetched."""

    title = "A model is not ready"


class EngineError(CompanionError):
    """An engine that could not be loaded or failed while running."""

    title = "An engine failed"


class DeckError(CompanionError):
    """A deck, case or question that is missing or badly written."""

    title = "A deck cannot be used"


class HistoryError(CompanionError):
    """A session or turn that is not there, or a database that cannot be used."""

    title = "The history cannot be used"
