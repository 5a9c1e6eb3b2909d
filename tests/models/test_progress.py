from __future__ import annotations

from companion.models.progress import Meter, Progress


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_speed_and_time_left_come_from_the_last_seconds() -> None:
    clock, events = Clock(), list[Progress]()
    meter = Meter("small", events.append, clock)
    meter.begin("downloading", 10_000)
    meter.file("first")
    for second in range(1, 11):
        clock.now = float(second)
        meter.within(100 * second if second <= 4 else 400 + 300 * (second - 4))
    assert events[-1].speed == 300
    assert events[-1].seconds_left == (10_000 - 2_200) / 300


def test_bytes_of_an_earlier_run_are_done_but_are_not_speed() -> None:
    clock, events = Clock(), list[Progress]()
    meter = Meter("small", events.append, clock)
    meter.begin("downloading", 10_000)
    meter.file("first", 5_000)
    clock.now = 1.0
    meter.within(5_100)
    assert (events[-1].done, events[-1].speed) == (5_100, 100)


def test_no_reader_is_flooded() -> None:
    clock, events = Clock(), list[Progress]()
    meter = Meter("small", events.append, clock)
    meter.begin("verifying", 1_000_000)
    for count in range(1000):
        clock.now += 0.001
        meter.within(count)
    assert len(events) < 15
