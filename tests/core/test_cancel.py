from __future__ import annotations

from companion.core.cancel import Cancellation, never


def test_what_runs_is_cancelled_and_what_starts_later_is_not() -> None:
    cancellation = Cancellation()
    before = cancellation.token()
    assert not before()
    cancellation.cancel()
    after = cancellation.token()
    assert before()
    assert not after()
    cancellation.cancel()
    assert before()
    assert after()


def test_every_token_of_one_generation_is_cancelled_together() -> None:
    cancellation = Cancellation()
    tokens = [cancellation.token() for _ in range(3)]
    cancellation.cancel()
    assert all(token() for token in tokens)


def test_one_cancellation_leaves_another_alone() -> None:
    one, other = Cancellation(), Cancellation()
    token = other.token()
    one.cancel()
    assert not token()


def test_never_is_never_cancelled() -> None:
    assert not never()
