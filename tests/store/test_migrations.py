from __future__ import annotations

import pytest
from sqlite_utils import Database as UtilsDatabase

from companion.home import Home
from companion.store import database, migrations
from companion.store.history import History
from tests.store import sessions


def test_a_new_step_is_taken_by_an_old_history(home: Home, history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    session = sessions.whole(history)
    history.close()

    def add_mood(db: UtilsDatabase) -> None:
        db.execute("ALTER TABLE sessions ADD COLUMN mood TEXT")

    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, add_mood))
    monkeypatch.setattr(database, "NAMES", (*migrations.NAMES, "add_mood"))
    newer = History(home)
    assert len(newer.session(session).turns) == 1
    with newer.database.reading() as connection:
        assert connection is not None
        assert "mood" in connection.execute("SELECT * FROM sessions").fetchone().keys()  # noqa: SIM118
    newer.close()


def test_a_step_that_fails_leaves_the_history_as_it_was(
    home: Home, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sessions.whole(history)
    history.close()
    steps, names = migrations.STEPS, migrations.NAMES

    def add_mood(db: UtilsDatabase) -> None:
        db.execute("ALTER TABLE sessions ADD COLUMN mood TEXT")
        raise KeyboardInterrupt

    monkeypatch.setattr(migrations, "STEPS", (*steps, add_mood))
    monkeypatch.setattr(database, "NAMES", (*names, "add_mood"))
    with pytest.raises(KeyboardInterrupt):
        History(home).sessions()
    monkeypatch.setattr(migrations, "STEPS", steps)
    monkeypatch.setattr(database, "NAMES", names)
    assert len(history.session(session).turns) == 1


def test_steps_are_recorded_in_their_order(history: History) -> None:
    sessions.begin(history)
    with history.database.reading() as connection:
        assert connection is not None
        rows = connection.execute("SELECT migration_set, name FROM _sqlite_migrations ORDER BY id").fetchall()
    assert [tuple(row) for row in rows] == [("companion", name) for name in migrations.NAMES]
