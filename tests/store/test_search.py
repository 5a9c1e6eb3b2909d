from __future__ import annotations

import random
import sys

import pytest

from companion.store.history import History
from tests.store import sessions


def find(history: History, text: str) -> list[int]:
    return [found.turn for found in history.search(text)]


def test_words_are_found_wherever_they_stood(history: History) -> None:
    session = sessions.begin(history)
    asked = sessions.turn(history, session, asked="What explains hyperkalaemia?", heard="Renal failure.", said="Yes.")
    heard = sessions.turn(history, session, asked="What is it?", heard="Hyperkalaemia, I think.", said="Yes.")
    said = sessions.turn(history, session, asked="What is it?", heard="No idea.", said="It was hyperkalaemia.")
    assert sorted(find(history, "hyperkalaemia")) == [asked, heard, said]
    places = {found.turn: found for found in history.search("HYPERKALAEMIA")}
    assert places[asked].asked == "What explains [hyperkalaemia]?"
    assert (places[asked].heard, places[asked].said) == (None, None)
    assert places[heard].heard == "[Hyperkalaemia], I think."
    assert places[said].said == "It was [hyperkalaemia]."
    assert (places[said].session, places[said].case, places[said].question) == (session, "chest-pain", "ecg")


def test_all_words_must_be_there_and_the_last_may_be_a_beginning(history: History) -> None:
    session = sessions.begin(history)
    number = sessions.turn(history, session, heard="Right coronary artery occlusion.")
    sessions.turn(history, session, heard="Right heart strain.")
    assert find(history, "occl right") == []
    assert find(history, "right occl") == [number]
    assert find(history, "coro occlusion") == []


def test_what_was_planned_but_not_said_is_not_found(history: History) -> None:
    sessions.turn(history, sessions.begin(history))
    assert find(history, "Which artery") == []


def test_a_turn_is_found_by_its_words_of_now(history: History) -> None:
    session = sessions.begin(history)
    number = sessions.turn(history, session, heard="Pericarditis.")
    history.heard(number, "Myocarditis.", "", 1.0, 0.1)
    assert find(history, "pericarditis") == []
    assert find(history, "myocarditis") == [number]


@pytest.mark.parametrize(
    ("kept", "wanted"),
    [
        ("Ménière’s disease, naïve", "meniere naive"),
        ("Größe des Herzens", "große"),
        ("心电图显示下壁心肌梗死。", "心肌梗死"),
        ("ผู้ป่วยมีอาการเจ็บหน้าอก", "เจ็บหน้าอก"),
        ("急性の心筋梗塞です STEMI", "stemi 心筋梗塞"),
        ("احتشاء عضلة القلب", "القلب"),
        ("100% of_it \\ backslash 心%电", "心%电"),
    ],
)
def test_every_language_is_searched(history: History, kept: str, wanted: str) -> None:
    session = sessions.begin(history)
    number = sessions.turn(history, session, heard=kept)
    sessions.turn(history, session, heard="something else 心x电")
    assert find(history, wanted) == [number]
    snippet = history.search(wanted)[0].heard
    assert snippet is not None
    assert "[" in snippet


def test_a_snippet_in_a_script_without_spaces_is_cut_around_the_find(history: History) -> None:
    sessions.turn(history, sessions.begin(history), heard="甲" * 100 + "心肌梗死" + "乙" * 100)
    assert history.search("心肌梗死")[0].heard == "…" + "甲" * 24 + "[心肌梗死]" + "乙" * 24 + "…"


@pytest.mark.parametrize(
    "text",
    [
        *('"', '""', "'", "*", "(", ")", "^", ":", "-", "+", "{", "}", "\\", "%", "_", "", " ", "\n", "\x00", "…"),
        *("AND", "OR", "NOT", "NEAR", "NEAR(", "a NEAR b", "heard:", "heard : x", "-heard : x", '"half', "half*"),
        *("a AND", "^a", "a + b", "(a", "a)", "{a b}:c", "a,b", "a;b", "--", "/*", "💔", "\ufdd0", "\ue000", "𞤀𞤣"),
        *("\udce9", "caf\udce9", "a\x00b", "x" * 50_000, "a " * 2_000, "心" * 5_000),
    ],
)
def test_no_text_is_an_error(history: History, text: str) -> None:
    sessions.whole(history)
    history.search(text)


def test_a_thousand_random_texts_are_no_error(history: History) -> None:
    sessions.whole(history)
    dice = random.Random(2)
    signs = "\"'*()^:-+{}\\%_., \tANDORNEARheard心é"
    for _ in range(800):
        history.search("".join(dice.choices(signs, k=dice.randint(1, 30))))
    for _ in range(200):
        history.search("".join(chr(dice.randrange(sys.maxunicode)) for _ in range(10)))


def test_signs_alone_find_nothing_and_words_in_quotes_are_found(history: History) -> None:
    session = sessions.begin(history)
    number = sessions.turn(history, session, heard="ST elevation, and or not?")
    assert find(history, '" * ( -') == []
    assert find(history, '"ST-elevation"') == [number]
    assert find(history, "AND OR NOT") == [number]


def test_no_more_are_found_than_wanted_and_the_best_come_first(history: History) -> None:
    session = sessions.begin(history)
    weak = sessions.turn(history, session, heard="Aspirin, oxygen, nitrates, morphine, and then the cardiologist.")
    strong = sessions.turn(history, session, heard="Aspirin. Aspirin. Aspirin.")
    assert find(history, "aspirin") == [strong, weak]
    assert [found.turn for found in history.search("aspirin", 1)] == [strong]
    assert len(history.search("aspirin", None)) == 2
