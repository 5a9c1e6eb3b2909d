"""What a conversation looks like on a terminal, and to a script."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from companion.cli.output import print_json
from companion.cli.page import Page, styled
from companion.core.case import KeyPoint
from companion.core.events import (
    QUIET,
    Asked,
    Event,
    Graded,
    Heard,
    Notice,
    ReplyDelta,
    SessionFinished,
    TurnFailed,
    TurnFinished,
    event_json,
)
from companion.core.mark import Verdict
from companion.session.startup import Report

Points = Callable[[str, str], Mapping[str, KeyPoint]]
"""The key points of a case's question by id."""

_SIGNS = {Verdict.HIT: "✓", Verdict.PARTIAL: "~", Verdict.MISSED: "·", Verdict.CONTRADICTED: "✗"}
_COLOURS = {Verdict.HIT: "green", Verdict.PARTIAL: "yellow", Verdict.MISSED: "yellow", Verdict.CONTRADICTED: "red"}
_STATEMENT = 17
"""The column at which a point's statement begins."""


class View(Protocol):
    """Shows what happens."""

    def started(self, report: Report) -> None:
        """An engine came up, or did not."""

    def listening(self) -> None:
        """The microphone is open."""

    def typing(self) -> None:
        """An answer is to be typed."""

    def show(self, event: Event) -> None:
        """Something happened."""


class JsonView:
    """One JSON object a line: each event with its seconds since the turn began."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._began = clock()
        self._in_turn = False

    def started(self, report: Report) -> None:
        """Losses only; what works needs no line."""
        if report.notice is not None:
            self.show(report.notice)

    def listening(self) -> None:
        """Tell a script that it may speak."""
        self._your_turn("microphone")

    def typing(self) -> None:
        """Tell a script that it may write a line."""
        self._your_turn("keyboard")

    def show(self, event: Event) -> None:
        """Print the event, unless it is one of sound."""
        if isinstance(event, Asked) or (isinstance(event, Heard) and not self._in_turn):
            self._began, self._in_turn = self._clock(), True
        elif isinstance(event, TurnFinished | TurnFailed):
            self._in_turn = False
        if not isinstance(event, QUIET):
            print_json(event_json(event, self._clock() - self._began))

    def _your_turn(self, by: str) -> None:
        print_json({"event": "your_turn", "t": round(self._clock() - self._began, 4), "by": by})


class TextView:
    """Plain lines, for a person."""

    def __init__(self, points: Points) -> None:
        self._points = points
        self._page = Page()
        self._asked: Asked | None = None
        self._replying = False

    def started(self, report: Report) -> None:
        """A line for each engine."""
        if report.notice is not None:
            self.show(report.notice)
        elif report.name is not None:
            self._line(f"  {report.part.replace('_', ' ')}: {report.name}")

    def listening(self) -> None:
        """Tell that it is the trainee's turn."""
        self._line("\nYour turn: answer aloud, and pause (or press Enter) when you have finished.")

    def typing(self) -> None:
        """Tell that it is the trainee's turn."""
        self._page.write(styled("\nYour answer> ", bold=True))
        # What is typed is echoed by the terminal, and Enter begins a new line.
        self._page.entered()

    def show(self, event: Event) -> None:
        """Print what a person wants to see of the event."""
        match event:
            case Asked():
                self._asked = event
                self._line(f"\n{event.text}")
            case Heard():
                self._line(f"\nHeard: {event.text or '(nothing)'}")
            case Graded():
                self._marks(event)
            case ReplyDelta():
                self._page.write(event.text if self._replying else "\n" + event.text)
                self._replying = True
            case TurnFinished():
                self._replying = False
                waited = event.first_audio_latency_s
                self._line("" if waited is None else f"\n  (answered in {waited:.1f} s)")
            case TurnFailed():
                self._line(f"\n{event.message} {event.hint}".rstrip())
            case Notice():
                self._line(f"! {event.message} {event.hint}".rstrip())
            case SessionFinished(session=session, score=score):
                mark = "" if score is None else f" Score {score:.0%}."
                kept = f" It is kept as session {session}: companion history show {session}" if session else ""
                self._line(f"\nThat is the end of this session.{mark}{kept}")
            case _:
                pass

    def _marks(self, event: Graded) -> None:
        assert self._asked is not None
        points = self._points(self._asked.case, self._asked.question)
        self._line("")
        for mark in event.points:
            verdict = styled(f"{_SIGNS[mark.verdict]} {mark.verdict.value:<12}", fg=_COLOURS[mark.verdict])
            earned = styled(f"  “{mark.evidence}”", dim=True) if mark.evidence else ""
            self._line(f"  {verdict} {points[mark.id].statement}{earned}", hang=_STATEMENT)
        self._line(styled(f"  {event.score:.0%}", bold=True))

    def _line(self, text: str, *, hang: int = 0) -> None:
        self._page.write(text + "\n", hang=hang)
