from __future__ import annotations

import stat
from pathlib import Path

import pytest

from companion.home import Home, private_directory, shipped


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_folder_that_is_made_on_the_way_is_private_too(tmp_path: Path) -> None:
    made = private_directory(tmp_path / "home" / "cache" / "speech")
    assert [mode(folder) for folder in (made, made.parent, made.parent.parent)] == [0o700] * 3


def test_a_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    private_directory(tmp_path)
    private_directory(tmp_path / "cache")
    assert mode(tmp_path) == 0o755


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(OSError, match="home"):
        private_directory(tmp_path / "home" / "cache")


def test_finding_the_home_creates_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPANION_HOME", str(tmp_path / "elsewhere"))
    assert Home.locate().root == tmp_path / "elsewhere"
    assert not Home.locate().root.exists()


def test_without_a_choice_the_home_is_the_users_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMPANION_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert Home.locate().root.is_relative_to(tmp_path)


@pytest.mark.parametrize("kind", ["decks", "voices", "models"])
def test_what_is_shipped_is_found(kind: str) -> None:
    assert any(shipped(kind).iterdir())
