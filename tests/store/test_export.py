from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from markdown_it import MarkdownIt

from companion.core.latency import Latency
from companion.store.export import FORMATS
from companion.store.history import History
from tests.store import sessions
from tests.store.sessions import BEGUN, LATENCY

AWKWARD = 'Sign: "心电图", café;\n\tthen \x1b[31m <img src=x> | *bold* # no & 1. ok'


def rows(history: History) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(history.export("csv"), newline="")))


def test_json_holds_everything(history: History) -> None:
    session = sessions.begin(history)
    sessions.turn(history, session, heard=AWKWARD)
    history.close_session(session, 0.625, BEGUN + timedelta(minutes=10))
    other = sessions.whole(history)

    written = json.loads(history.export("json"))["sessions"]

    assert [kept["id"] for kept in written] == [session, other]
    assert written[0]["started_at"] == "2026-11-02T09:30:00+00:00"
    assert written[0]["turns"][0]["heard"] == AWKWARD
    assert written[0]["turns"][0]["points"][0] == {
        "id": "site",
        "statement": "It is an inferior infarction.",
        "verdict": "hit",
        "evidence": "inferior",
        "weight": 2.0,
    }
    assert written[0]["turns"][0]["latency"]["endpoint_s"] == LATENCY.endpoint_s
    assert len(written[1]["turns"]) == 1


def test_csv_holds_a_row_for_each_turn(history: History) -> None:
    session = sessions.begin(history)
    sessions.turn(history, session, heard=AWKWARD)
    sessions.turn(history, session)
    first, second = rows(history)
    assert first["heard"] == AWKWARD.replace("\x1b", "").replace("\t", " ")
    assert (first["session"], first["turn"], second["turn"]) == ("1", "1", "2")
    assert (first["points_hit"], first["points_partial"], first["points_missed"]) == ("site", "leads", "artery")
    assert (first["score"], first["first_audio_latency_s"], first["transcribe_s"]) == ("0.625", "1.03", "0.4")
    assert first["first_token_s"] == ""
    assert first["status"] == "finished"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1", "\x00=1", " =1", "＝1", '="a",\'b'])
def test_no_cell_of_the_csv_is_a_formula(history: History, text: str) -> None:
    sessions.turn(history, sessions.begin(history), asked=text, heard=text, said=text)
    (row,) = rows(history)
    for column in ("asked", "heard", "said", "raw", "reply"):
        assert row[column].startswith("'"), (column, row[column])


def test_markdown_shows_text_as_it_was_and_nothing_else(history: History) -> None:
    session = sessions.begin(history)
    hostile = "# Heading\n![x](http://example.org/x.png)\n<script>\n***\n===\n- item\n2) item\n&lt; | ~~gone~~"
    sessions.turn(history, session, asked=hostile, heard=AWKWARD)
    number = history.ask(session, None, None, "", BEGUN)
    history.fail(number, "speech", "No *voice*.")

    page = history.export("md")
    tokens = MarkdownIt("commonmark", {"html": True}).enable("strikethrough").parse(page)

    kinds = {token.type for token in tokens} | {child.type for token in tokens for child in token.children or []}
    assert not kinds & {"image", "html_block", "html_inline", "link_open", "em_open", "strong_open", "s_open", "hr"}
    headings = [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"]
    assert [heading.split(":")[0] for heading in headings] == ["History", "Session 1", "Turn 1", "Turn 2"]
    shown = [
        "".join(child.content or "\n" for child in token.children or [])
        for token in tokens
        if token.type == "inline" and token.level >= 2
    ]
    assert hostile in shown
    assert "Failed in speech: No \\*voice\\*." in page


@pytest.mark.parametrize("format", FORMATS)
def test_an_empty_history_exports_as_an_empty_one(history: History, format: str) -> None:
    text = history.export(format)
    if format == "json":
        assert json.loads(text) == {"sessions": []}
    elif format == "csv":
        assert len(text.splitlines()) == 1
    else:
        assert "Nothing has been kept yet." in text


def test_every_turn_has_its_columns_even_when_nothing_happened(history: History) -> None:
    session = history.open_session("explain", None, BEGUN, {})
    number = history.ask(session, None, None, "", BEGUN)
    history.finish(number, None, None, Latency(), None)
    (row,) = rows(history)
    assert set(row.values()) == {"1", "explain", "2026-11-02T09:30:00+00:00", "finished", ""}
    assert None not in row
    assert "explain" in history.export("md")
