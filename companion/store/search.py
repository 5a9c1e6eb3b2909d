"""Finding turns by words that were asked, heard or said."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from companion.core.legible import legible

PLACES = ("asked", "heard", "said")
"""The columns of the index, in order."""

_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
"""Around a found word until its snippet is whole: noncharacters, which no text holds."""
_WORDS = 12
"""Words in a snippet."""
_LETTERS = 24
"""Characters either side of a find in a script without spaces."""
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x9FFF),  # Chinese characters
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""Scripts written without spaces: the index takes a whole sentence of them for one word."""


@dataclass(frozen=True, slots=True)
class Found:
    """A turn that holds every word looked for; the words stand in [brackets] where they were found."""

    session: int
    turn: int
    case: str | None
    question: str | None
    asked_at: datetime
    asked: str | None
    heard: str | None
    said: str | None


def search(connection: sqlite3.Connection, text: str, limit: int) -> list[Found]:
    """Turns with all the words of ``text``, best first; the last word may be a beginning.

    Any text will do: every word is quoted, so none is read as search syntax. Words in scripts
    without spaces are found anywhere inside the text.
    """
    words, runs = _terms(text)
    if not words and not runs:
        return []
    where, values = [], []
    if words:
        where.append("turns_fts MATCH ?")
        values.append(" AND ".join(f'"{word.replace(chr(34), chr(34) * 2)}"' for word in words) + "*")
    for run in runs:
        where.append("(" + " OR ".join(f"{place} LIKE ? ESCAPE '\\'" for place in PLACES) + ")")
        values += [f"%{_escaped(run)}%"] * len(PLACES)
    snippets = ", ".join(
        f"snippet(turns_fts, {i}, '{_OPEN}', '{_CLOSE}', '…', {_WORDS}) AS {place}" if words else place
        for i, place in enumerate(PLACES)
    )
    # The innermost query sorts and cuts first, so that only what is shown is read from the table.
    rows = connection.execute(
        f"""
        SELECT hits.*, turns.session, turns.case_id, turns.question_id, turns.asked_at
        FROM (
            SELECT rowid AS id, rank AS place, {snippets} FROM turns_fts
            WHERE {" AND ".join(where)} ORDER BY {"rank" if words else "rowid DESC"} LIMIT ?
        ) AS hits JOIN turns ON turns.id = hits.id
        ORDER BY hits.place, hits.id DESC
        """,
        [*values, limit],
    )
    return [_found(row, [] if words else runs) for row in rows]


def _terms(text: str) -> tuple[list[str], list[str]]:
    """The words for the index, and those it cannot split; signs alone are neither."""
    terms = [term for term in legible(text).split() if any(character.isalnum() for character in term)]
    runs = [term for term in terms if any(_unspaced(character) for character in term)]
    return [term for term in terms if term not in runs], runs


def _unspaced(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _UNSPACED)


def _escaped(run: str) -> str:
    return run.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _found(row: sqlite3.Row, runs: list[str]) -> Found:
    def snippet(place: str) -> str | None:
        text = row[place] or ""
        if runs:
            text = _around(text, runs)
        if _OPEN not in text:
            return None
        return text.replace(_OPEN, "[").replace(_CLOSE, "]")

    return Found(
        session=row["session"],
        turn=row["id"],
        case=row["case_id"],
        question=row["question_id"],
        asked_at=datetime.fromisoformat(row["asked_at"]),
        asked=snippet("asked"),
        heard=snippet("heard"),
        said=snippet("said"),
    )


def _around(text: str, runs: list[str]) -> str:
    places = [place for place in (text.find(run) for run in runs) if place >= 0]
    if not places:
        return ""
    begin, end = max(0, min(places) - _LETTERS), min(places) + max(map(len, runs)) + _LETTERS
    cut = text[begin:end]
    for run in runs:
        cut = cut.replace(run, f"{_OPEN}{run}{_CLOSE}")
    return ("…" if begin else "") + cut + ("…" if end < len(text) else "")
