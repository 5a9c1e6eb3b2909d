"""Fixtures every test may use: a home of its own, and the real models where they are needed."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from companion.home import Home

pytest_plugins = ["tests.virtual_sound"]

# The voice that plays the trainee runs on ONNX Runtime as well, which would report its use to its maker.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

USERS_MODELS = Home.locate().models
"""The weights `make test` fetched, found before any test gets a home of its own."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An empty home: no test reads or writes the user's own."""
    root = tmp_path / "home"
    monkeypatch.setenv("COMPANION_HOME", str(root))
    return Home(root)


@pytest.fixture
def starter_models() -> Path:
    """The folder that holds the starter models; a test that needs them fails without them."""
    if not USERS_MODELS.is_dir():
        pytest.fail(f"the starter models are not in {USERS_MODELS}: run `make test`, or `companion models pull`")
    return USERS_MODELS


@pytest.fixture
def model_home(home: Home, starter_models: Path) -> Home:
    """A home of its own that shares the starter models."""
    home.root.mkdir(mode=0o700)
    home.models.symlink_to(starter_models, target_is_directory=True)
    return home


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing in this process may connect beyond the machine; one that tries fails its test."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family == socket.AF_UNIX or address[0] in ("127.0.0.1", "::1", "localhost"):
            real(self, address)
            return
        raise AssertionError(f"tried to connect to {address}")

    monkeypatch.setattr(socket.socket, "connect", connect)
    yield
