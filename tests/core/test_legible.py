from __future__ import annotations

import pytest

from companion.core.legible import legible


def test_nothing_can_steer_a_terminal() -> None:
    assert legible("\x1b[31mred\x1b[0m\x07\x00\x9b2J") == "[31mred[0m2J"


def test_nothing_can_turn_a_line_around() -> None:
    assert legible("not \u202eyletaruces\u202c") == "not yletaruces"


def test_lines_become_spaces_unless_they_are_kept() -> None:
    assert legible("one\r\ntwo\rthree\u2028four\tfive") == "one two three four five"
    assert legible("one\r\ntwo\rthree", lines=True) == "one\ntwo\nthree"


@pytest.mark.parametrize("text", ["Größe", "心电图显示什么", "ما هو التشخيص", "नमस्ते", "👩‍⚕️", "สวัสดี"])
def test_every_language_stays_as_it_is(text: str) -> None:
    assert legible(text) == text


def test_half_a_surrogate_pair_can_be_printed() -> None:
    assert legible("caf\udce9").encode("utf-8").decode("utf-8") == "caf\ufffd"
