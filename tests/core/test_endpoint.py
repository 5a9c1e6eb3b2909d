"""When somebody began, paused and stopped."""

from __future__ import annotations

import pytest

from companion.core.endpoint import FRAME_S, Ended, Endpoint, EndpointEvent, Paused, Resumed, Started

SPEECH, SILENCE = 0.95, 0.02


def follow(endpoint: Endpoint, *stretches: tuple[int, float]) -> list[tuple[int, EndpointEvent]]:
    """Feed stretches of frames; each event with the frame at which it came."""
    happened = []
    frame = 0
    for count, probability in stretches:
        for _ in range(count):
            if (event := endpoint.feed(probability)) is not None:
                happened.append((frame, event))
            frame += 1
    return happened


def test_speech_is_followed_from_its_start_to_its_end() -> None:
    happened = follow(Endpoint(0.9), (30, SILENCE), (40, SPEECH), (40, SILENCE))
    assert happened == [
        (37, Started(frame=17, speech_frame=30)),
        (77, Paused(end=70)),
        (98, Ended(end=70, decided=98)),
    ]


def test_the_end_is_decided_one_pause_after_the_last_speech() -> None:
    for pause_s in (0.3, 0.5, 0.9, 2.0):
        (*_, (_, ended)) = follow(Endpoint(pause_s), (40, SPEECH), (100, SILENCE))
        assert isinstance(ended, Ended)
        assert pause_s <= (ended.decided + 1 - ended.end) * FRAME_S < pause_s + FRAME_S


def test_the_pre_roll_does_not_reach_before_the_recording() -> None:
    happened = follow(Endpoint(0.9), (2, SILENCE), (20, SPEECH))
    assert happened == [(9, Started(frame=0, speech_frame=2))]


def test_a_click_does_not_start_speech() -> None:
    assert follow(Endpoint(0.9), (20, SILENCE), (2, SPEECH), (30, SILENCE), (3, SPEECH), (30, SILENCE)) == []


def test_a_train_of_clicks_does_not_start_speech() -> None:
    clicks = [(1, SPEECH), (6, SILENCE)] * 40
    assert follow(Endpoint(0.9), *clicks) == []


def test_the_closure_of_a_stop_consonant_does_not_start_the_count_afresh() -> None:
    happened = follow(Endpoint(0.9), (10, SILENCE), (5, SPEECH), (2, SILENCE), (5, SPEECH))
    assert happened == [(19, Started(frame=0, speech_frame=10))]


def test_a_short_yes_is_speech() -> None:
    happened = follow(Endpoint(0.9), (20, SILENCE), (9, SPEECH), (60, SILENCE))
    assert [type(event) for _, event in happened] == [Started, Paused, Ended]


def test_a_pause_for_breath_is_not_the_end() -> None:
    happened = follow(Endpoint(0.9), (30, SPEECH), (20, SILENCE), (30, SPEECH), (40, SILENCE))
    assert [event for _, event in happened] == [
        Started(frame=0, speech_frame=0),
        Paused(end=30),
        Resumed(frame=50),
        Paused(end=80),
        Ended(end=80, decided=108),
    ]


def test_a_gap_between_words_is_not_even_a_pause() -> None:
    happened = follow(Endpoint(0.9), (30, SPEECH), (6, SILENCE), (30, SPEECH))
    assert [type(event) for _, event in happened] == [Started]


def test_a_click_in_a_pause_does_not_put_off_the_end() -> None:
    happened = follow(Endpoint(0.9), (30, SPEECH), (15, SILENCE), (1, SPEECH), (40, SILENCE))
    assert happened[-1] == (58, Ended(end=30, decided=58))


def test_speech_at_the_very_end_of_the_pause_still_resumes() -> None:
    happened = follow(Endpoint(0.9), (30, SPEECH), (28, SILENCE), (20, SPEECH))
    assert [type(event) for _, event in happened] == [Started, Paused, Resumed]


def test_hovering_between_the_thresholds_keeps_speech_alive_but_does_not_start_it() -> None:
    assert follow(Endpoint(0.9), (100, 0.4)) == []
    happened = follow(Endpoint(0.9), (20, SPEECH), (100, 0.4))
    assert [type(event) for _, event in happened] == [Started]


def test_hovering_after_silence_does_not_bring_speech_back() -> None:
    happened = follow(Endpoint(0.9), (20, SPEECH), (3, SILENCE), (60, 0.4))
    assert happened[-1][1] == Ended(end=20, decided=48)


def test_the_next_speech_starts_anew_after_the_end() -> None:
    endpoint = Endpoint(0.9)
    happened = follow(endpoint, (20, SPEECH), (60, SILENCE), (20, SPEECH), (60, SILENCE))
    assert [type(event) for _, event in happened] == [Started, Paused, Ended] * 2
    assert happened[3][1] == Started(frame=67, speech_frame=80)
    assert endpoint.speech_end == 100


def test_how_far_speech_has_got_is_known_at_any_moment() -> None:
    endpoint = Endpoint(0.9)
    assert (endpoint.speech_end, endpoint.speaking, endpoint.started) == (0, False, None)
    follow(endpoint, (20, SPEECH))
    assert (endpoint.speech_end, endpoint.speaking) == (20, True)
    follow(endpoint, (5, SILENCE))
    assert endpoint.speech_end == 20
    assert endpoint.started == Started(frame=0, speech_frame=0)


def test_a_pause_shorter_than_the_first_look_ends_at_once() -> None:
    happened = follow(Endpoint(0.2), (20, SPEECH), (20, SILENCE))
    assert [event for _, event in happened] == [Started(frame=0, speech_frame=0), Ended(end=20, decided=26)]


@pytest.mark.parametrize(("start", "end"), [(0.3, 0.5), (0.5, 0.0), (1.2, 0.5)])
def test_thresholds_out_of_order_are_refused(start: float, end: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        Endpoint(0.9, start_threshold=start, end_threshold=end)
