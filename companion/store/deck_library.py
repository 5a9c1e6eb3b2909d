"""The decks at hand: those shipped with Companion, and the user's own, read from their folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from glob import escape
from pathlib import Path

from companion.core.case import Case, Deck, Question
from companion.core.deck_format import Problem, parse_case
from companion.core.deck_front_matter import holds_findings
from companion.core.errors import DeckError
from companion.core.finding import Finding, FindingsFile
from companion.core.finding_format import parse_findings
from companion.home import Home, shipped

_LARGEST = 1_000_000
"""Bytes; a case is a few kilobytes, so anything past this is not one."""


class DeckLibrary:
    """Decks found in ``folders``, each deck a folder of ``*.md`` in one of them.

    Folders of one name are one deck. A case or finding in a later folder takes the place of one with the same id in
    an earlier folder, so that a user can keep their own version of a shipped one. Files are read once, when first
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
        """Every deck that holds a readable case or finding, by name."""
        return self._shelf[0]

    @property
    def broken(self) -> tuple[DeckError, ...]:
        """What is wrong with the files that could not be read; the rest of their deck still works."""
        return tuple(self._shelf[1].values())

    @property
    def findings_files(self) -> tuple[FindingsFile, ...]:
        """Every file of findings, in whichever deck."""
        return tuple(file for deck in self.decks for file in deck.findings_files)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding that can be explained, in whichever deck."""
        return tuple(finding for file in self.findings_files for finding in file.findings)

    @cached_property
    def _shelf(self) -> tuple[tuple[Deck, ...], dict[Path, DeckError]]:
        cases: dict[str, dict[str, Case]] = {}
        findings: dict[str, list[FindingsFile]] = {}
        broken: dict[Path, DeckError] = {}
        for folder in self._folders:
            here: dict[tuple[type, str], Path] = {}
            for file in case_files(folder):
                try:
                    read = read_deck_file(file)
                    held = [read] if isinstance(read, Case) else read.findings
                    for each in held:
                        if (other := here.get((type(each), each.id))) is not None:
                            twice = Problem(str(file), 1, f"The id “{each.id}” is also that of {other}.")
                            hint = f"Give each {'case' if isinstance(each, Case) else 'finding'} an id of its own."
                            raise DeckError(str(twice), hint=hint)
                except DeckError as error:
                    broken[file] = error
                    continue
                here |= {(type(each), each.id): file for each in held}
                deck = file.parent.name
                if isinstance(read, Case):
                    for others in cases.values():
                        others.pop(read.id, None)
                    cases.setdefault(deck, {})[read.id] = read
                else:
                    _take_the_place_of(findings, read)
                    findings.setdefault(deck, []).append(read)
        decks = (
            Deck(name, tuple(cases.get(name, {}).values()), tuple(findings.get(name, ())))
            for name in sorted({*cases, *findings})
            if cases.get(name) or findings.get(name)
        )
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

    def finding(self, id: str) -> Finding:
        """The finding with this id, in whichever file; a ``DeckError`` offers the nearest one."""
        for finding in self.findings:
            if finding.id == id:
                return finding
        raise _unknown("finding", id, (finding.id for finding in self.findings))

    def findings_file_of(self, finding: str) -> FindingsFile:
        """The file that holds the finding with this id: it names the sources and who signed them."""
        self.finding(finding)
        return next(file for file in self.findings_files for held in file.findings if held.id == finding)

    def find(self, name: str) -> Deck | Case | Finding:
        """The deck, else the case, else the finding of this name; a ``DeckError`` offers the nearest of them."""
        names = [deck.name for deck in self.decks]
        if name in names:
            return self.deck(name)
        cases = [case.id for deck in self.decks for case in deck.cases]
        if name in cases:
            return self.case(name)
        findings = [finding.id for finding in self.findings]
        if name in findings:
            return self.finding(name)
        self._raise_if_broken(lambda file: name in (file.stem, file.parent.name))
        raise _unknown("deck, case or finding", name, [*names, *cases, *findings])

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


def read_deck_file(file: Path) -> Case | FindingsFile:
    """The case or the findings in one file; a ``DeckError`` says what is wrong with it, and where."""
    text = read_case_text(file)
    return parse_findings(text, str(file)) if holds_findings(text) else parse_case(text, str(file))


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


def _take_the_place_of(findings: dict[str, list[FindingsFile]], later: FindingsFile) -> None:
    """Take out what stands in ``later`` as well, and the files that this leaves empty."""
    ids = {finding.id for finding in later.findings}
    for files in findings.values():
        kept = [replace(file, findings=tuple(f for f in file.findings if f.id not in ids)) for file in files]
        files[:] = [file for file in kept if file.findings]


def _unknown(what: str, name: str, known: Iterable[str]) -> DeckError:
    from rapidfuzz import process

    names = list(known)
    near = process.extractOne(name, names, score_cutoff=55)
    if near:
        hint = f"Did you mean “{near[0]}”?"
    else:
        hint = f"There are: {', '.join(names)}." if names else "There are none yet."
    return DeckError(f"There is no {what} named “{name}”.", hint=hint)
