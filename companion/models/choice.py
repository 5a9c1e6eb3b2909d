"""Which model to use, and which to fetch, on a given machine."""

from __future__ import annotations

from collections.abc import Collection

from companion.models.catalogue import Catalogue, Engine, Model, Role
from companion.models.machine import Machine


def fits(model: Model, *, memory_bytes: int, apple_silicon: bool) -> bool:
    """Whether a model is meant for such a machine."""
    return model.machine <= memory_bytes and (apple_silicon or not model.apple_silicon)


def choose(
    catalogue: Catalogue,
    role: Role,
    *,
    ready: Collection[str],
    memory_bytes: int,
    apple_silicon: bool,
    engines: Collection[Engine] | None = None,
) -> Model | None:
    """The best of the models named in ``ready``; None if none of them suits this machine.

    On Apple silicon a model for it beats any other. ``engines``, where given, are those that can run here.
    """
    suited = [
        model
        for model in catalogue.by_role(role)
        if model.name in ready
        and (engines is None or model.engine in engines)
        and fits(model, memory_bytes=memory_bytes, apple_silicon=apple_silicon)
    ]
    return max(suited, key=lambda model: (model.apple_silicon, model.rank), default=None)


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
    """The best model for this machine, fetched or not; most need the model hub to be in reach."""
    everything = set(catalogue)
    return choose(catalogue, role, ready=everything, memory_bytes=memory_bytes, apple_silicon=apple_silicon)


def recommended_here(catalogue: Catalogue, role: Role, machine: Machine) -> Model | None:
    """The best model for a machine that was looked at."""
    return recommended(catalogue, role, memory_bytes=machine.memory_bytes, apple_silicon=machine.apple_silicon)
