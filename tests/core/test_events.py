"""Every event has a name and a JSON object of its own; a new event is tested by being there."""

from __future__ import annotations

import inspect
import json
from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest

from companion.core import events
from companion.core.clip import Clip
from companion.core.events import QUIET, Event, Graded, event_json, event_name
from companion.core.latency import Latency
from companion.core.mark import Mark, PointMark, Verdict

CLASSES: tuple[type[Any], ...] = get_args(Event)
LOUD = [kind for kind in CLASSES if kind not in QUIET]

EXAMPLES: dict[Any, Any] = {
    str: "ST elevation in II — “yes”",
    int: 7,
    float: 0.123456,
    bool: True,
    float | None: 0.5,
    Clip: Clip(np.zeros(4, np.float32)),
    Latency: Latency(endpoint_s=0.9, grade_s=0.01),
    tuple[PointMark, ...]: (PointMark("site", Verdict.HIT, "inferior"), PointMark("artery", Verdict.MISSED)),
}


def example(kind: type[Any]) -> Any:
    hints = get_type_hints(kind)
    return kind(**{field.name: EXAMPLES[hints[field.name]] for field in fields(kind)})


def test_every_event_of_the_module_is_one_of_the_union() -> None:
    defined = {kind for _, kind in inspect.getmembers(events, inspect.isclass) if kind.__module__ == events.__name__}
    assert defined == set(CLASSES)


@pytest.mark.parametrize("kind", CLASSES)
def test_events_are_frozen_and_documented(kind: type[Any]) -> None:
    assert is_dataclass(kind)
    assert kind.__doc__
    event: Any = example(kind)
    with pytest.raises(FrozenInstanceError):
        setattr(event, fields(kind)[0].name, None)


def test_every_event_has_a_name_of_its_own() -> None:
    names = [event_name(example(kind)) for kind in CLASSES]
    assert len(set(names)) == len(names)
    assert all(name.islower() and name.isidentifier() for name in names)
    assert {"asked", "heard", "graded", "reply", "first_audio", "turn_finished", "session_finished"} <= set(names)


@pytest.mark.parametrize("kind", LOUD)
def test_every_event_for_scripts_is_a_json_object_with_all_it_holds(kind: type[Any]) -> None:
    event = example(kind)
    told = json.loads(json.dumps(event_json(event, 1.23456)))
    assert told.pop("event") == event_name(event)
    assert told.pop("t") == 1.2346
    assert list(told) == [field.name for field in fields(kind)]
    assert rebuilt(kind, told) == rebuilt(kind, json.loads(json.dumps(event_json(event, 0.0))))
    for name, value in told.items():
        if isinstance(given := getattr(event, name), str | int | None):
            assert value == given


def rebuilt(kind: type[Any], told: dict[str, Any]) -> Any:
    """The event as a reader of the JSON would make it again."""
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for field in fields(kind):
        value = told[field.name]
        if hints[field.name] is Latency:
            value = Latency(**value)
        elif hints[field.name] == tuple[PointMark, ...]:
            value = tuple(PointMark(p["id"], Verdict(p["verdict"]), p["evidence"]) for p in value)
        values[field.name] = value
    return kind(**values)


@pytest.mark.parametrize("kind", LOUD)
def test_every_event_round_trips_through_json(kind: type[Any]) -> None:
    event = example(kind)
    again = rebuilt(kind, json.loads(json.dumps(event_json(event, 0.0))))
    for field in fields(kind):
        value = getattr(event, field.name)
        expected = round(value, 4) if isinstance(value, float) else value
        assert getattr(again, field.name) == expected


def test_events_of_sound_are_not_for_scripts() -> None:
    assert {kind.__name__ for kind in QUIET} == {"ReplyDelta", "AudioChunk"}


def test_a_mark_becomes_its_event() -> None:
    mark = Mark((PointMark("site", Verdict.HIT, "inferior"),), 1.0)
    assert Graded.of(mark) == Graded(mark.points, 1.0)
    assert event_json(Graded.of(mark), 0.0)["points"] == [{"id": "site", "verdict": "hit", "evidence": "inferior"}]


def test_the_fields_scripts_rely_on_are_these() -> None:
    wanted = {
        "asked": {"case", "question", "text"},
        "heard": {"text", "raw", "audio_s", "compute_s"},
        "graded": {"points", "score"},
        "reply": {"text"},
        "first_audio": {"latency_s"},
        "turn_finished": {"latency", "first_audio_latency_s"},
        "session_finished": {"session", "score"},
    }
    told = {event_name(example(kind)): event_json(example(kind), 0.0) for kind in LOUD}
    for name, held in wanted.items():
        assert held <= told[name].keys()
    assert list(told["turn_finished"]["latency"]) == [
        *["endpoint_s", "transcribe_s", "grade_s", "first_token_s", "first_clause_s", "first_audio_s"]
    ]
