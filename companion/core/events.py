"""What happens in a session, as small frozen events in the order they happen.

Screen, command line and history all follow the same stream and do not know each other.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from companion.core.clip import Clip
from companion.core.latency import Latency
from companion.core.mark import Mark, PointMark


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the trainee should know once: a loss, and its remedy."""

    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question was put; ``text`` is all that was said, vignette included."""

    case: str
    question: str
    text: str


@dataclass(frozen=True, slots=True)
class Heard:
    """The trainee's answer: repaired and raw text, its length and the seconds it took to transcribe."""

    text: str
    raw: str
    audio_s: float
    compute_s: float


@dataclass(frozen=True, slots=True)
class Graded:
    """The answer was marked."""

    points: tuple[PointMark, ...]
    score: float

    @classmethod
    def of(cls, mark: Mark) -> Graded:
        """The event of a mark."""
        return cls(mark.points, mark.score)


@dataclass(frozen=True, slots=True)
class ReplyDelta:
    """More text of the reply, for the screen: it never waits for sound."""

    text: str


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """Sound on its way to the speaker, and the written clause it begins (empty: it goes on)."""

    clip: Clip
    clause: str


@dataclass(frozen=True, slots=True)
class FirstAudio:
    """The first sample of the reply reached the device, seconds after the end of speech."""

    latency_s: float


@dataclass(frozen=True, slots=True)
class Reply:
    """The whole reply as written, and the part of it that was heard before any interruption."""

    text: str
    said: str


@dataclass(frozen=True, slots=True)
class TurnFinished:
    """A turn is over; ``first_audio_latency_s`` is None where nothing was spoken."""

    latency: Latency
    first_audio_latency_s: float | None
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """A turn broke in ``stage``; what came before it is kept."""

    stage: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class SessionFinished:
    """The session is over; ``score`` is the mean of its turns, None where none was marked."""

    session: int
    score: float | None


Event = (
    Notice
    | Asked
    | Heard
    | Graded
    | ReplyDelta
    | AudioChunk
    | FirstAudio
    | Reply
    | TurnFinished
    | TurnFailed
    | SessionFinished
)

QUIET = (ReplyDelta, AudioChunk)
"""Events for the screen and the speaker, too many and too large for a script's JSON lines."""


def event_name(event: Event) -> str:
    """The event's name on the command line: ``TurnFinished`` is ``turn_finished``."""
    name = type(event).__name__
    return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(name))


def event_json(event: Event, t: float) -> dict[str, Any]:
    """The event as a JSON object with ``event`` and ``t``, seconds since the turn began."""
    return {"event": event_name(event), "t": round(t, 4), **_plain(event)}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return round(value, 4)
    return value
