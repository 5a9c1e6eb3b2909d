from __future__ import annotations

from collections.abc import Sequence

from companion.core.prompting import Message, alternating, continuation, fitting, next_words, without_system

SYSTEM = Message("system", "You are a tutor.")


def user(text: str) -> Message:
    return Message("user", text)


def tutor(text: str) -> Message:
    return Message("assistant", text)


def words(messages: Sequence[Message]) -> int:
    return sum(len(message.text.split()) for message in messages)


def test_a_continuation_is_the_texts_in_order_with_a_bare_end() -> None:
    assert continuation([SYSTEM, user("Answer: sepsis.\n"), tutor("Good."), user("Feedback: ")]) == (
        "You are a tutor.\n\nAnswer: sepsis.\n\nGood.\n\nFeedback:"
    )


def test_blank_messages_leave_no_gap_in_a_continuation() -> None:
    assert continuation([user("a"), user("  "), user("b")]) == "a\n\nb"
    assert continuation([]) == ""


def test_an_answer_follows_a_word_after_a_space_and_nothing_without_one() -> None:
    assert next_words("The capital of France is", "Paris") == " Paris"
    assert next_words("<start_of_turn>model\n", "Paris") == "Paris"
    assert next_words("", "Paris") == "Paris"


def test_neighbours_of_one_role_are_joined() -> None:
    assert alternating([user("a"), user("b"), tutor(" "), user("c"), tutor("d")]) == (user("a\n\nb\n\nc"), tutor("d"))


def test_system_text_is_folded_into_the_first_turn_of_the_user() -> None:
    assert without_system([SYSTEM, user("Hello"), tutor("Hi")]) == (user("You are a tutor.\n\nHello"), tutor("Hi"))
    assert without_system([SYSTEM]) == (user("You are a tutor."),)


def test_what_fits_is_kept_whole() -> None:
    messages = (SYSTEM, user("one two"), tutor("three"), user("four"))
    assert fitting(messages, 8, words) == messages


def test_the_oldest_exchange_goes_first_and_the_question_goes_with_its_reply() -> None:
    messages = (SYSTEM, user("one two"), tutor("three"), user("four"), tutor("five"), user("six"))
    assert fitting(messages, 7, words) == (SYSTEM, user("four"), tutor("five"), user("six"))
    assert fitting(messages, 5, words) == (SYSTEM, user("six"))


def test_nothing_fits_when_system_text_and_the_last_message_are_too_long() -> None:
    assert fitting((SYSTEM, user("one two")), 5, words) is None
    assert fitting((), 0, words) == ()


def test_tokens_are_counted_a_few_times_only_however_long_the_talk() -> None:
    counted = 0

    def counting(messages: Sequence[Message]) -> int:
        nonlocal counted
        counted += 1
        return words(messages)

    talk = [SYSTEM, *(user(str(n)) for n in range(1000))]
    kept = fitting(talk, 104, counting)
    assert kept is not None
    assert kept == (SYSTEM, *talk[-100:])
    assert counted < 15


def test_a_reply_that_nobody_asked_for_goes_like_a_question() -> None:
    messages = (tutor("Here is the case."), user("one two three"))
    assert fitting(messages, 3, words) == (user("one two three"),)
