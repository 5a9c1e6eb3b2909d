"""The decks at hand: those shipped with Companion, and the user's own, read from their folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from glob import escape
from pathlib import Path

from companion.core.case import Case, Deck, Question
from companion.core.deck_format import Problem, parse_case
from companion.core.errors import DeckError
from companion.home import Home, shipped

_LARGEST = 1_000_000
"""Bytes; a case is a few kilobytes, so anything past this is not one."""


class DeckLibrary:
    """Decks found in ``folders``, each deck a folder of ``*.md`` in one of them.

    Folders of one name are one deck. A case in a later folder takes the place of one with the same id in an
    earlier folder, so that a user can keep their own version of a shipped case. Files are read once, when first
    asked for.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)

    @classmethod
    def of(cls, home: Home) -> DeckLibrary:
        """The shipped decks and those in the user's home."""
        return cls((shipped("decks"), home.decks))

    @property
    def decks(self) -> tuple[Deck, ...]:
        """Every deck that holds a readable case, by name."""
        return self._shelf[0]

    @property
    def broken(self) -> tuple[DeckError, ...]:
        """What is wrong with the files that could not be read; the rest of their deck still works."""
        return tuple(self._shelf[1].values())

    @cached_property
    def _shelf(self) -> tuple[tuple[Deck, ...], dict[Path, DeckError]]:
        found: dict[str, dict[str, Case]] = {}
        broken: dict[Path, DeckError] = {}
        for folder in self._folders:
            here: dict[str, Path] = {}
            for file in case_files(folder):
                try:
                    case = read_case_file(file)
                    if case.id in here:
                        twice = Problem(str(file), 1, f"The id “{case.id}” is also that of {here[case.id]}.")
                        raise DeckError(str(twice), hint="Give each case an id of its own.")
                except DeckError as error:
                    broken[file] = error
                    continue
                here[case.id] = file
                for cases in found.values():
                    cases.pop(case.id, None)
                found.setdefault(file.parent.name, {})[case.id] = case
        decks = (Deck(name, tuple(cases.values())) for name, cases in sorted(found.items()) if cases)
        return tuple(decks), broken

    def deck(self, name: str) -> Deck:
        """The deck of this name; a ``DeckError`` offers the nearest one."""
        for deck in self.decks:
            if deck.name == name:
                return deck
        self._raise_if_broken(lambda file: file.parent.name == name)
        raise _unknown("deck", name, (deck.name for deck in self.decks))

    def case(self, id: str) -> Case:
        """The case with this id, in whichever deck; a ``DeckError`` offers the nearest one."""
        cases = [case for deck in self.decks for case in deck.cases]
        for case in cases:
            if case.id == id:
                return case
        self._raise_if_broken(lambda file: file.stem == id)
        raise _unknown("case", id, (case.id for case in cases))

    def find(self, name: str) -> Deck | Case:
        """The deck or, if there is none, the case of this name; a ``DeckError`` offers the nearest of either."""
        names = [deck.name for deck in self.decks]
        if name in names:
            return self.deck(name)
        cases = [case.id for deck in self.decks for case in deck.cases]
        if name in cases:
            return self.case(name)
        self._raise_if_broken(lambda file: name in (file.stem, file.parent.name))
        raise _unknown("deck or case", name, [*names, *cases])

    def deck_of(self, case: str) -> Deck:
        """The deck that holds the case with this id."""
        self.case(case)
        return next(deck for deck in self.decks for held in deck.cases if held.id == case)

    def question(self, case: str, id: str) -> Question:
        """One question of a case; a ``DeckError`` offers the nearest one."""
        found = self.case(case)
        question = found.question(id)
        if question is None:
            raise _unknown(f"question in “{case}”", id, (question.id for question in found.questions))
        return question

    def _raise_if_broken(self, concerns: Callable[[Path], bool]) -> None:
        for file, error in self._shelf[1].items():
            if concerns(file):
                raise error


def case_files(folder: Path, deck: str = "*") -> list[Path]:
    """The files of the decks in ``folder``, or of one of them, in order; none if there is no such folder."""
    try:
        files = sorted(folder.glob(f"{escape(deck) if deck != '*' else deck}/*.md"))
    except OSError as error:
        raise DeckError(f"The folder {folder} cannot be read: {error.strerror}.") from error
    return [f for f in files if not f.name.startswith((".", "_")) and f.stem.lower() != "readme"]


def files_to_check(path: Path) -> list[Path]:
    """The case files meant by a path: one file, a deck's folder, or a folder of decks."""
    if path.is_file():
        return [path]
    if not path.exists():
        raise DeckError(
            f"There is no file or folder {path}.", hint="Name a case file, a deck's folder or a folder of decks."
        )
    files = case_files(path) or case_files(path.parent, deck=path.name)
    if not files:
        raise DeckError(
            f"There are no cases in {path}.", hint="A case is a Markdown file; decks/FORMAT.md describes it."
        )
    return files


def read_case_file(file: Path) -> Case:
    """The case in one file; a ``DeckError`` says what is wrong with it, and where."""
    return parse_case(read_case_text(file), str(file))


def read_case_text(file: Path) -> str:
    """The text of one case file; a ``DeckError`` tells why it cannot be read."""
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST + 1)
    except OSError as error:
        raise DeckError(str(Problem(str(file), 1, f"The file cannot be read: {error.strerror}."))) from error
    if len(content) > _LARGEST:
        raise DeckError(str(Problem(str(file), 1, "The file is too large to be a case (over 1 MB).")))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        message = str(Problem(str(file), line, "The file is not UTF-8 text."))
        raise DeckError(message, hint="Save it as UTF-8.") from error


def _unknown(what: str, name: str, known: Iterable[str]) -> DeckError:
    from rapidfuzz import process

    names = list(known)
    near = process.extractOne(name, names, score_cutoff=55)
    if near:
        hint = f"Did you mean “{near[0]}”?"
    else:
        hint = f"There are: {', '.join(names)}." if names else "There are none yet."
    return DeckError(f"There is no {what} named “{name}”.", hint=hint)
