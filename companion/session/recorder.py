"""Writes a session's events to the history as they happen; knows nothing of the screen."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from companion.core.case import Question
from companion.core.errors import HistoryError
from companion.core.events import (
    Asked,
    Event,
    Graded,
    Heard,
    Notice,
    Reply,
    ReplyDelta,
    SessionFinished,
    TurnFailed,
    TurnFinished,
)
from companion.core.mark import Mark
from companion.store.history import History, NotInHistory
from companion.store.records import Status

FindQuestion = Callable[[str, str], Question]
"""The question with this case and question id."""

_Kept = Asked | Heard | Graded | ReplyDelta | Reply | TurnFinished | TurnFailed | SessionFinished | Path


@dataclass(slots=True)
class _Turn:
    """The turn that runs."""

    id: int
    asked: tuple[str, str] | None
    """Case and question; None where the trainee began."""
    reply: Reply | None = None
    begun: str = ""
    """The reply so far, until it comes whole."""


class Recorder:
    """Follows one session; used on the thread that owns its ``history``.

    Nothing is written before the first question or answer, so a session that never began
    leaves no trace. What cannot be written now (a full disk, another program in the file) waits
    in memory and is tried again, in order, with each later event: the conversation goes on, and
    nothing is lost if the fault passes.
    """

    def __init__(
        self,
        history: History,
        *,
        kind: str,
        deck: str | None,
        engines: Mapping[str, str],
        find_question: FindQuestion,
        now: Callable[[], datetime],
    ) -> None:
        self.session = 0
        """The session's number; 0 until something is kept."""
        self._history = history
        self._kind = kind
        self._deck = deck
        self._engines = engines
        self._find_question = find_question
        self._now = now
        self._waiting: deque[tuple[_Kept, datetime]] = deque()
        self._told = False
        self._over = False
        self._turn: _Turn | None = None
        self._scores: list[float] = []

    def take(self, event: Event) -> Notice | None:
        """Keep an event; returns a notice, once, when the history begins to fail."""
        if not isinstance(event, _Kept):
            return None
        if isinstance(event, Graded):
            self._scores.append(event.score)
        return self._keep(event, self._now())

    def recorded(self, recording: Path) -> Notice | None:
        """The answer of this turn was kept as a file of the recordings folder."""
        return self._keep(recording, self._now())

    def close(self, at: datetime) -> Notice | None:
        """End the session if its events did not: a turn still open was interrupted."""
        score = sum(self._scores) / len(self._scores) if self._scores else None
        return self._keep(SessionFinished(self.session, score), at)

    def _keep(self, event: _Kept, at: datetime) -> Notice | None:
        faulty = bool(self._waiting)
        self._waiting.append((event, at))
        if faulty and isinstance(event, ReplyDelta):
            return None  # not worth another try: many come a second, and each may wait for the file
        try:
            while self._waiting and not self._over:
                self._write(*self._waiting[0])
                self._waiting.popleft()
        except NotInHistory:
            self._over = True
            self._waiting.clear()
            return Notice("This session was deleted from the history while it ran.", "The rest of it is not kept.")
        except HistoryError as error:
            told, self._told = self._told, True
            return None if told else Notice(error.message, error.hint)
        self._waiting.clear()
        self._told = False
        return None

    def _write(self, event: _Kept, at: datetime) -> None:
        """Write one event; it may be called again for an event of which a part was written."""
        match event:
            case Asked():
                self._leave_turn()
                self._begin_turn(event.case, event.question, event.text, at)
            case Heard() | Path():
                # Without a question the trainee speaks first, as when a finding is to be explained.
                self._write_answer(self._turn or self._begin_turn(None, None, "", at), event)
            case SessionFinished() if self.session:
                self._leave_turn()
                self._history.close_session(self.session, event.score, at)
                self._over = True
            case _ if self._turn:
                self._write_turn(self._turn, event)
            case _:
                pass  # outside a turn there is nothing to complete

    def _write_answer(self, turn: _Turn, event: Heard | Path) -> None:
        if isinstance(event, Path):
            self._history.recorded(turn.id, event)
        else:
            self._history.heard(turn.id, event.text, event.raw, event.audio_s, event.compute_s)

    def _write_turn(self, turn: _Turn, event: _Kept) -> None:
        match event:
            case Graded():
                question = self._find_question(*turn.asked) if turn.asked else None
                self._history.graded(turn.id, Mark(event.points, event.score), question)
            case ReplyDelta():
                turn.begun += event.text
            case Reply():
                self._history.replied(turn.id, event.text, event.said)
                turn.reply = event
            case TurnFinished():
                status = Status.INTERRUPTED if event.interrupted else Status.FINISHED
                reply = turn.reply.text if turn.reply else turn.begun or None
                said = turn.reply.said if turn.reply else None
                self._history.finish(turn.id, reply, said, event.latency, event.first_audio_latency_s, status)
                self._turn = None
            case TurnFailed():
                self._keep_begun(turn)
                self._history.fail(turn.id, event.stage, event.message)
                self._turn = None

    def _begin_turn(self, case: str | None, question: str | None, asked: str, at: datetime) -> _Turn:
        if not self.session:
            self.session = self._history.open_session(self._kind, self._deck, at, self._engines)
        id = self._history.ask(self.session, case, question, asked, at)
        self._turn = _Turn(id, (case, question) if case and question else None)
        return self._turn

    def _leave_turn(self) -> None:
        """A turn that nobody finished was interrupted."""
        if self._turn:
            self._keep_begun(self._turn)
            self._history.interrupt(self._turn.id)
            self._turn = None

    def _keep_begun(self, turn: _Turn) -> None:
        """As much of a reply as had been written; what of it was heard is not known."""
        if turn.begun and turn.reply is None:
            self._history.replied(turn.id, turn.begun, None)
