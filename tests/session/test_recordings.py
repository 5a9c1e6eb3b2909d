"""Recordings are kept when asked for, privately, and losing one loses no answer."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from companion.core.events import Notice
from companion.engines.wav import read_clip
from companion.home import Home
from companion.session.recordings import Recordings
from tests.fakes.sound import tone


def test_each_answer_is_a_file_of_its_own_that_only_its_owner_reads(home: Home) -> None:
    kept: list[Path] = []
    told: list[Notice] = []
    recordings = Recordings(home.recordings, lambda: datetime(2026, 11, 2, 9, 30, tzinfo=UTC), kept.append, told.append)
    for _ in range(2):
        recordings.keep(tone(1.0))
    first, second = kept
    assert first != second
    assert first.name.startswith("20261102T093000-")
    assert read_clip(first).seconds == 1.0
    assert first.stat().st_mode & 0o777 == 0o600
    assert home.recordings.stat().st_mode & 0o777 == 0o700
    assert told == []


def test_what_cannot_be_kept_is_told_once(home: Home) -> None:
    home.root.mkdir()
    home.recordings.write_text("a file where the folder should be")
    kept: list[Path] = []
    told: list[Notice] = []
    recordings = Recordings(home.recordings, lambda: datetime.now(UTC), kept.append, told.append)
    for _ in range(3):
        recordings.keep(tone(0.5))
    assert kept == []
    (notice,) = told
    assert notice.message.startswith("Your answers are heard, but not recorded.")
