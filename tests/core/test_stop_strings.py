from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from companion.core.stop_strings import until_stop


def said(pieces: list[str], *stop: str) -> str:
    return "".join(until_stop(pieces, stop))


@pytest.mark.parametrize(
    ("pieces", "stop", "kept"),
    [
        (["Well", " done", ".\n", "\nNext"], ["\n\n"], "Well done."),
        (["Well done.\n\nNext"], ["\n\n"], "Well done."),
        (["a", "b", "a", "b", "c"], ["abc"], "ab"),
        (["Well done.\n"], ["\n\n"], "Well done.\n"),
        (["Well done."], [], "Well done."),
        (["Well done."], [""], "Well done."),
        (["one END two STOP"], ["STOP", "END"], "one "),
        (["\n", " Well done."], ["END"], "Well done."),
        (["\n\nWell done."], ["\n\n"], ""),
        ([], ["END"], ""),
        (["naïve ", "✓", "✓"], ["✓✓"], "naïve "),
    ],
)
def test_text_ends_before_the_first_stop_string(pieces: list[str], stop: list[str], kept: str) -> None:
    assert said(pieces, *stop) == kept


def test_however_the_text_is_split_the_result_is_the_same() -> None:
    chance = random.Random(7)
    for _ in range(2000):
        text = "x" + "".join(chance.choice("ab\n") for _ in range(chance.randrange(30)))
        stop = ["".join(chance.choice("ab\n") for _ in range(chance.randrange(1, 5))) for _ in range(2)]
        found = [(at + len(string), at) for string in stop if (at := text.find(string)) >= 0]
        wanted = text[: min(found)[1]] if found else text
        cuts = sorted(chance.randrange(len(text) + 1) for _ in range(chance.randrange(8)))
        pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        assert said(pieces, *stop) == wanted, (pieces, stop)


def test_text_that_cannot_begin_a_stop_string_is_given_out_at_once() -> None:
    given: list[str] = []
    pieces = iter(["Well", " done", "\n", "x"])
    stream = until_stop(pieces, ["\n\n"])
    given.append(next(stream))
    assert given == ["Well"]
    assert next(stream) == " done"
    assert next(stream) == "\nx"


def test_the_source_is_closed_as_soon_as_it_is_no_longer_wanted() -> None:
    closed = []

    def source() -> Iterator[str]:
        try:
            while True:
                yield "and so on, "
        finally:
            closed.append(True)

    stream = until_stop(source(), ["so"])
    assert list(stream) == ["and "]
    assert closed == [True]
    early = until_stop(source(), [])
    next(early)
    assert isinstance(early, Iterator)
    early.close()  # type: ignore[attr-defined]
    assert closed == [True, True]
