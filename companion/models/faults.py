"""Two failures of a pull that are treated differently from the rest."""

from __future__ import annotations

from companion.core.errors import ModelError


class SourceFailed(ModelError):
    """One source of a model did not give it; the next one may."""


class DiskFull(ModelError):
    """There is no room; no other source would change that."""

    title = "The disk is full"

    @classmethod
    def needing(cls, name: str, needed: int, free: int) -> DiskFull:
        """The error of a model that needs ``needed`` bytes where ``free`` are left."""
        return cls(
            f"{name} needs {megabytes(needed)} of free disk space while it is fetched; {megabytes(free)} are free.",
            hint="Free some space, or set COMPANION_HOME to a folder on a larger disk.",
        )

    @classmethod
    def midway(cls, name: str) -> DiskFull:
        """The error of a disk that filled up during the work."""
        return cls(
            f"The disk filled up while {name} was being fetched.",
            hint="Free some space and run the same command again: what was fetched is kept.",
        )


def megabytes(count: int) -> str:
    """A number of bytes as people read it, in powers of ten as disks are sold."""
    return f"{count / 1e9:.1f} GB" if count >= 1_000_000_000 else f"{max(count, 0) / 1e6:.0f} MB"
