"""A finding on an ECG, film, blood test or examination, and what is told of it when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass

from companion.core.case import Source


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a trainee may find, with its explanation; every text is read aloud."""

    id: str
    """Stable, and used once in all decks."""
    name: str
    """As it is shown."""
    also_said: tuple[str, ...]
    """Other ways people ask for it."""
    what: str
    """What it is, and how to recognise it."""
    means: str
    causes: tuple[str, ...]
    """What must not be missed first; phrases without a full stop."""
    next: str
    """What to look for or do."""
    references: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it is called."""
        return (self.name, *self.also_said)

    @property
    def causes_told(self) -> str:
        """The causes as sentences, the one not to be missed by itself."""
        if not self.causes:
            return ""
        first, *others = self.causes
        if not others:
            return f"Think of {first}."
        *rest, last = others
        then = f"{', '.join(rest)} and {last}" if rest else last
        return f"Think first of {first}. Then of {then}."

    @property
    def told(self) -> str:
        """The whole explanation in the order it is spoken."""
        return " ".join(filter(None, (self.what, self.means, self.causes_told, self.next)))


@dataclass(frozen=True, slots=True)
class FindingsFile:
    """Findings of one area, kept in one file with their sources and their author."""

    id: str
    title: str
    area: str
    author: str
    reviewed_by: str | None
    """The clinician who signed them; None is shown everywhere as not reviewed."""
    licence: str
    sources: tuple[Source, ...]
    findings: tuple[Finding, ...]
