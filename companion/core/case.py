"""A clinical case and what an answer to it is marked against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from companion.core.finding import FindingsFile


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """One thing a good answer says."""

    id: str
    """Stable within its case: history refers to it."""
    statement: str
    """The point as the tutor would put it."""
    accepted: tuple[str, ...]
    """Wordings that earn it."""
    contradicted: tuple[str, ...] = ()
    """Wordings that say the opposite."""
    weight: float = 1.0
    critical: bool = False
    """Getting it wrong would harm the patient."""


@dataclass(frozen=True, slots=True)
class Question:
    """One prompt of a case, in the order a tutor would ask."""

    id: str
    prompt: str
    key_points: tuple[KeyPoint, ...]
    hint: str
    explanation: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Where the medicine of a case comes from."""

    title: str
    year: int


@dataclass(frozen=True, slots=True)
class Case:
    """A fictional patient, and the questions asked about them."""

    id: str
    title: str
    specialty: str
    level: str
    author: str
    reviewed_by: str | None
    """The clinician who signed it; None is shown everywhere as not reviewed."""
    licence: str
    sources: tuple[Source, ...]
    findings: tuple[str, ...]
    vignette: str
    questions: tuple[Question, ...]

    def question(self, id: str) -> Question | None:
        """The question with this id, if the case has it."""
        return next((question for question in self.questions if question.id == id), None)


@dataclass(frozen=True, slots=True)
class Deck:
    """Cases and findings kept together in one folder; ``name`` is the folder's."""

    name: str
    cases: tuple[Case, ...]
    findings_files: tuple[FindingsFile, ...] = ()
