"""Where Companion keeps things: the user's own folder, and the data it shipped with."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """The user's folder. Nothing in it is created until something is kept there."""

    root: Path

    @classmethod
    def locate(cls) -> Home:
        """``$COMPANION_HOME``, or the platform's user data directory."""
        chosen = os.environ.get("COMPANION_HOME")
        if chosen:
            return cls(Path(chosen).expanduser().absolute())
        from platformdirs import user_data_path

        return cls(user_data_path("companion", appauthor=False))

    @property
    def database(self) -> Path:
        """The history."""
        return self.root / "companion.db"

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.root / "config.toml"

    @property
    def models(self) -> Path:
        """Model weights."""
        return self.root / "models"

    @property
    def decks(self) -> Path:
        """The user's own decks."""
        return self.root / "decks"

    @property
    def voices(self) -> Path:
        """The user's own voices."""
        return self.root / "voices"

    @property
    def cache(self) -> Path:
        """What can be made again."""
        return self.root / "cache"

    @property
    def recordings(self) -> Path:
        """Answers as they were spoken, kept only when asked."""
        return self.root / "recordings"


def private_directory(path: Path) -> Path:
    """Create a folder only its owner can read, with its parents likewise, and return it."""
    # ``mkdir(parents=True)`` gives the mode to the last folder alone.
    if not path.parent.is_dir():
        private_directory(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def shipped(kind: str) -> Path:
    """The folder of shipped ``decks``, ``voices`` or ``models``: in the wheel, or beside the package."""
    package = Path(__file__).parent
    inside = package / "shipped" / kind
    return inside if inside.is_dir() else package.parent / kind
