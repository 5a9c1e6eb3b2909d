"""Cancelling a reply: one signal with a generation number, polled by every stage."""

from __future__ import annotations

from collections.abc import Callable

Cancelled = Callable[[], bool]
"""Polled by engines between tokens, chunks and encoder passes; true means stop now."""


def never() -> bool:
    """The signal of work that nobody can cancel."""
    return False


class Cancellation:
    """Cancels all that was started before now; what starts later runs.

    A token belongs to the generation in which it was made, so a late poll by an old turn can
    never be answered for a new one. Reading and adding one integer is atomic in CPython.
    """

    def __init__(self) -> None:
        self._generation = 0

    def token(self) -> Cancelled:
        """A signal for work that starts now."""
        born = self._generation
        return lambda: self._generation != born

    def cancel(self) -> None:
        """Cancel everything that holds an earlier token."""
        self._generation += 1
