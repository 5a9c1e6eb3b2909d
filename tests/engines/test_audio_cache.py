"""Speech is made once, kept whole or not at all, and never grows without bound."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from companion.core.clip import Clip
from companion.engines.audio_cache import AudioCache
from tests.fakes.sound import tone


@pytest.fixture
def cache(tmp_path: Path) -> AudioCache:
    return AudioCache(tmp_path / "speech", "kokoro af_heart 1.0")


def test_what_was_put_is_got_to_sixteen_bits(cache: AudioCache) -> None:
    clip = tone(0.5, 24_000)
    cache.put("Not quite.", clip)
    kept = cache.get("Not quite.")
    assert kept is not None
    assert kept.rate == 24_000
    assert np.abs(kept.samples - clip.samples).max() <= 1 / 32767
    assert kept.samples.dtype == np.float32


def test_what_was_not_put_is_not_there(cache: AudioCache) -> None:
    assert cache.get("Not quite.") is None
    assert not cache.folder.exists(), "looking creates nothing"


def test_another_voice_text_or_speed_is_another_sound(cache: AudioCache) -> None:
    cache.put("Not quite.", tone(0.5))
    assert cache.get("Not quite") is None
    assert AudioCache(cache.folder, "kokoro bm_george 1.0").get("Not quite.") is None
    assert AudioCache(cache.folder, "kokoro af_heart 1.2").get("Not quite.") is None


def test_putting_it_again_replaces_it(cache: AudioCache) -> None:
    cache.put("Yes.", tone(0.5))
    cache.put("Yes.", tone(0.2))
    kept = cache.get("Yes.")
    assert kept is not None
    assert kept.seconds == pytest.approx(0.2)
    assert len(list(cache.folder.iterdir())) == 1


def test_loud_sound_is_clipped_and_does_not_wrap_round(cache: AudioCache) -> None:
    cache.put("Yes.", Clip(np.array([2.0, -2.0], np.float32)))
    kept = cache.get("Yes.")
    assert kept is not None
    assert kept.samples.tolist() == pytest.approx([1.0, -1.0], abs=1e-4)


def test_the_least_recently_heard_goes_first(tmp_path: Path) -> None:
    second = len(tone(1.0).samples) * 2
    cache = AudioCache(tmp_path, "voice", largest=3 * second)
    for at, text in enumerate(["one", "two", "three"]):
        cache.put(text, tone(1.0))
        (path,) = tmp_path.glob(f"{cache._key(text)}.*")
        os.utime(path, (1000.0 + at, 1000.0 + at))
    assert cache.get("one") is not None, "now it is the latest"
    cache.put("four", tone(1.0))
    there = [text for text in ("one", "two", "three", "four") if cache.get(text) is not None]
    assert there == ["one", "three", "four"]


def test_it_is_private(cache: AudioCache) -> None:
    cache.put("Yes.", tone(0.1))
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    (path,) = cache.folder.iterdir()
    assert path.stat().st_mode & 0o077 == 0


def test_what_a_crash_left_empty_is_made_again(cache: AudioCache) -> None:
    cache.put("Yes.", tone(0.1))
    (path,) = cache.folder.iterdir()
    path.write_bytes(b"")
    assert cache.get("Yes.") is None


def test_a_full_disk_only_means_that_it_is_made_again(cache: AudioCache, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    cache.put("Yes.", tone(0.1))
    assert cache.get("Yes.") is None
    assert list(cache.folder.iterdir()) == [], "no half file stays"


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = AudioCache(tmp_path / "file", "voice")
    cache.put("Yes.", tone(0.1))
    assert cache.get("Yes.") is None
