"""A history in a home of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from companion.home import Home
from companion.store.history import History


@pytest.fixture
def history(home: Home) -> Iterator[History]:
    """An empty history, closed after the test."""
    kept = History(home)
    yield kept
    kept.close()
