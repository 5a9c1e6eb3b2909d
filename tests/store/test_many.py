"""Ten thousand turns: what is read often goes through an index, whatever the machine's speed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from companion.home import Home
from companion.store.history import History
from tests.store import sessions

SESSIONS = 1_000
TURNS = 10_000


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    history = History(Home(tmp_path_factory.mktemp("many") / "home"))
    fill(history)
    yield history
    history.close()


def fill(history: History) -> None:
    """Ten turns in each session, three points in each turn."""
    with history.database.writing() as connection:
        connection.executemany(
            "INSERT INTO sessions (id, kind, deck, started_at, score) VALUES (?, 'quiz', 'cardiology', ?, 0.5)",
            (((i + 1), (sessions.BEGUN + timedelta(hours=i)).isoformat()) for i in range(SESSIONS)),
        )
        connection.executemany(
            "INSERT INTO turns (id, session, case_id, question_id, asked, asked_at, heard, said, score, status, "
            "first_audio_latency_s) VALUES (?, ?, 'chest-pain', 'ecg', ?, ?, ?, ?, 0.5, 'finished', 1.1)",
            (
                (
                    *(i + 1, i // 10 + 1, "A man of 58 has crushing chest pain. What does the ECG show?"),
                    (sessions.BEGUN + timedelta(hours=i // 10)).isoformat(),
                    f"Number{i} has an inferior infarction, so I would give aspirin and call the cardiologist.",
                    "Quite right: the ST segments rise in two, three and aVF.",
                )
                for i in range(TURNS)
            ),
        )
        connection.executemany(
            "INSERT INTO points VALUES (?, ?, ?, 'It is an inferior infarction.', 'missed', '', 1.0)",
            ((i // 3 + 1, i % 3, f"p{i % 3}") for i in range(3 * TURNS)),
        )


def plans(history: History, read: Callable[[], object]) -> list[str]:
    """The query plan of every statement that ``read`` really executes."""
    statements: list[str] = []
    with history.database.reading() as connection:
        assert connection is not None
    connection.set_trace_callback(statements.append)
    read()
    connection.set_trace_callback(None)
    # The full-text index runs statements of its own, written by SQLite as comments.
    selects = [statement for statement in statements if re.match(r"\s*SELECT", statement)]
    assert selects
    return [row["detail"] for sql in selects for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")]


def test_listing_sorts_and_counts_by_index(many: History) -> None:
    assert len(many.sessions(20)) == 20
    plan = plans(many, lambda: many.sessions(20))
    assert "SCAN sessions USING INDEX sessions_started_at" in plan
    assert any("turns USING COVERING INDEX turns_session" in step for step in plan)
    assert not any("TEMP B-TREE" in step for step in plan)


def test_showing_one_session_reads_no_other(many: History) -> None:
    assert len(many.session(500).turns) == 10
    plan = plans(many, lambda: many.session(500))
    assert not any(step.startswith("SCAN") for step in plan), plan


@pytest.mark.parametrize("text", ["number4711", "number47", "inferior infarction aspirin", "the"])
def test_searching_goes_through_the_full_text_index(many: History, text: str) -> None:
    assert many.search(text)
    plan = plans(many, lambda: many.search(text))
    assert any(re.match(r"SCAN turns_fts VIRTUAL TABLE INDEX \d+:.*M", step) for step in plan), plan
    assert "SEARCH turns USING INTEGER PRIMARY KEY (rowid=?)" in plan
    assert "SCAN turns" not in plan
