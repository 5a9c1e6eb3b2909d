from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from companion.core.errors import HistoryError
from companion.home import Home
from companion.store.history import History
from tests.store import sessions

posix = pytest.mark.skipif(os.name == "nt", reason="permissions are those of POSIX")


def test_reading_where_nothing_was_kept_creates_nothing(home: Home, history: History) -> None:
    assert history.sessions() == []
    assert history.count() == 0
    assert history.search("anything") == []
    assert history.statistics().turns == 0
    assert history.export("json") == '{\n  "sessions": []\n}\n'
    with pytest.raises(HistoryError):
        history.session(1)
    with pytest.raises(HistoryError):
        history.delete(1)
    assert not home.root.exists()


@posix
def test_only_the_owner_can_read_the_history_or_its_folder(home: Home, history: History) -> None:
    umask = os.umask(0)
    try:
        sessions.begin(history)
    finally:
        os.umask(umask)
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o700
    for file in home.root.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_the_file_is_in_wal_mode_and_holds_to_foreign_keys(home: Home, history: History) -> None:
    sessions.begin(history)
    with history.database.reading() as connection:
        assert connection is not None
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    with pytest.raises(HistoryError, match="FOREIGN KEY"), history.database.writing() as connection:
        connection.execute("INSERT INTO points VALUES (99, 0, 'a', 'a', 'hit', '', 1)")


def refused(home: Home) -> HistoryError:
    """The error of opening a file as it is, which must leave it and its folder as they were."""
    before = {path.name: path.read_bytes() for path in home.root.iterdir()}
    error: HistoryError | None = None
    for use in (lambda h: h.sessions(), lambda h: h.statistics(), sessions.begin):
        history = History(home)
        with pytest.raises(HistoryError) as raised:
            use(history)
        history.close()
        error = raised.value
    assert {path.name: path.read_bytes() for path in home.root.iterdir()} == before
    assert error is not None
    return error


@pytest.mark.parametrize("content", [b"x", b"not a database at all\n" * 400, bytes(4096)])
def test_a_file_that_is_no_database_is_refused_and_left_untouched(home: Home, content: bytes) -> None:
    home.root.mkdir(parents=True)
    home.database.write_bytes(content)
    error = refused(home)
    assert str(home.database) in error.message
    assert "damaged" in error.message


def test_a_file_cut_short_is_refused_and_left_untouched(home: Home, history: History) -> None:
    for _ in range(50):
        sessions.whole(history)
    history.close()
    content = home.database.read_bytes()
    home.database.write_bytes(content[: len(content) // 2])
    assert "damaged" in refused(home).message


@posix
def test_the_command_of_the_hint_makes_room_for_a_new_history(home: Home) -> None:
    home.root.mkdir(parents=True)
    home.database.write_bytes(b"damaged")
    home.database.with_name(home.database.name + "-wal").write_bytes(b"its log")
    hint = refused(home).hint
    subprocess.run(["sh", "-c", hint.splitlines()[-1]], check=True)
    assert list(home.root.glob("companion.db*")) == []
    history = History(home)
    assert sessions.whole(history) == 1
    history.close()


def test_garbage_in_the_middle_is_told_in_words(home: Home, history: History) -> None:
    for _ in range(50):
        sessions.whole(history)
    history.close()
    content = bytearray(home.database.read_bytes())
    content[4096 * 4 :] = b"\xa5" * len(content[4096 * 4 :])
    home.database.write_bytes(content)
    with pytest.raises(HistoryError, match="damaged"):
        History(home).export("json")
    assert home.database.read_bytes() == bytes(content)


def test_another_programs_database_is_refused_and_left_untouched(home: Home) -> None:
    home.root.mkdir(parents=True)
    other = sqlite3.connect(home.database)
    other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    assert "not a history" in refused(home).message


def test_a_history_of_a_newer_version_is_refused_and_left_untouched(home: Home, history: History) -> None:
    sessions.whole(history)
    with history.database.writing() as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('companion', 'add_moods', 'now')"
        )
    history.close()
    error = refused(home)
    assert "newer version" in error.message
    assert "Update Companion" in error.hint


def test_an_empty_file_becomes_a_history(home: Home, history: History) -> None:
    home.root.mkdir(parents=True)
    home.database.touch(0o600)
    assert history.sessions() == []
    assert sessions.whole(history) == 1


def test_a_folder_in_the_files_place_is_told_in_words(home: Home) -> None:
    home.database.mkdir(parents=True)
    with pytest.raises(HistoryError, match="is not a file"):
        History(home).sessions()


@posix
def test_a_file_in_the_folders_place_is_told_in_words(home: Home) -> None:
    home.root.parent.mkdir(exist_ok=True)
    home.root.write_text("here first")
    with pytest.raises(HistoryError, match="cannot be used"):
        sessions.begin(History(home))


def test_a_history_in_use_is_told_in_words(home: Home, history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("companion.store.database.BUSY_S", 0.05)
    session = sessions.begin(history)
    other = sqlite3.connect(home.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert len(history.sessions()) == 1, "readers do not wait for writers"
    with pytest.raises(HistoryError, match="in use"):
        sessions.turn(history, session)
    other.execute("ROLLBACK")
    other.close()
    sessions.turn(history, session)


def test_a_full_disk_loses_nothing_that_was_kept(home: Home, history: History) -> None:
    session = sessions.whole(history)
    number = history.ask(session, "chest-pain", "ecg", "And now?", sessions.BEGUN)
    with history.database.reading() as connection:
        assert connection is not None
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(HistoryError, match="disk is full") as raised:
        history.heard(number, "long " * 20_000, "", 1.0, 1.0)
    assert str(home.database) in raised.value.hint
    assert len(history.session(session).turns) == 2
    with history.database.reading() as connection:
        assert connection is not None
        connection.execute("PRAGMA max_page_count = 1000000")
    history.heard(number, "long " * 20_000, "", 1.0, 1.0)
    assert history.session(session).turns[1].heard == "long " * 20_000


def test_two_that_begin_at_once_share_one_history(home: Home, history: History) -> None:
    code = (
        "from companion.home import Home\nfrom companion.store.history import History\n"
        "from tests.store import sessions\n"
        "sessions.whole(History(Home.locate()))"
    )
    root = Path(__file__).parents[2]
    running = [subprocess.Popen([sys.executable, "-c", code], cwd=root, stderr=subprocess.PIPE) for _ in range(4)]
    for process in running:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err.decode()
    assert history.count() == 4
    assert {len(history.session(session.id).turns) for session in history.sessions()} == {1}
