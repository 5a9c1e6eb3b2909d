"""Which model to use, and which to fetch, on a given machine."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from companion.models.catalogue import Catalogue, Engine, Model, Role
from companion.models.machine import Machine


def choose(
    catalogue: Catalogue,
    role: Role,
    *,
    ready: Collection[str],
    memory_bytes: int,
    apple_silicon: bool,
    engines: Collection[Engine] | None = None,
) -> Model | None:
    """The best of the models named in ``ready``; None if none of them runs on this machine.

    One that would take more than half of the memory does not count: the rest is the system's and the other
    engines'. ``engines``, where given, are those that can run here.
    """
    return _best(
        (
            model
            for model in catalogue.by_role(role)
            if model.name in ready
            and (engines is None or model.engine in engines)
            and model.memory <= memory_bytes // 2
        ),
        apple_silicon,
    )


def selected(
    catalogue: Catalogue,
    role: Role,
    setting: str,
    *,
    ready: Collection[str],
    memory_bytes: int,
    apple_silicon: bool,
    engines: Collection[Engine] | None = None,
) -> Model | None:
    """The model a setting means: ``auto`` is the best one here, a name is that one whether it is here or not."""
    if setting in ("none", "endpoint"):
        return None
    if setting != "auto":
        return catalogue[setting]
    return choose(catalogue, role, ready=ready, memory_bytes=memory_bytes, apple_silicon=apple_silicon, engines=engines)


def recommended(catalogue: Catalogue, role: Role, *, memory_bytes: int, apple_silicon: bool) -> Model | None:
    """The best model to have on this machine, fetched or not; most need the model hub to be in reach."""
    return _best((model for model in catalogue.by_role(role) if model.machine <= memory_bytes), apple_silicon)


def recommended_here(catalogue: Catalogue, role: Role, machine: Machine) -> Model | None:
    """The best model to have on a machine that was looked at."""
    return recommended(catalogue, role, memory_bytes=machine.memory_bytes, apple_silicon=machine.apple_silicon)


def _best(models: Iterable[Model], apple_silicon: bool) -> Model | None:
    """The highest in rank; on Apple silicon one made for it comes before any other, elsewhere it cannot run."""
    suited = [model for model in models if apple_silicon or not model.apple_silicon]
    return max(suited, key=lambda model: (model.apple_silicon, model.rank), default=None)
