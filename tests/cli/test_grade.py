"""``companion grade`` marks a written answer."""

from __future__ import annotations

import json

import pytest

from companion.cli import main


def run(*argv: str) -> int:
    with pytest.raises(SystemExit) as exited:
        main(["grade", *argv])
    assert isinstance(exited.value.code, int)
    return exited.value.code


def test_json_has_each_point_with_its_verdict_evidence_and_the_score(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("inferior-stemi", "diagnosis", "--answer", "It's a STEMI but I'd wait for the troponin.", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {
        "points": [
            {"id": "stemi", "verdict": "hit", "evidence": "STEMI"},
            {"id": "no-troponin-wait", "verdict": "contradicted", "evidence": "wait for the troponin"},
        ],
        "score": 0.6667,
    }


def test_people_get_a_table_and_a_score(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("inferior-stemi", "diagnosis", "--answer", "A heart attack; no need to wait.") == 0
    said = capsys.readouterr().out
    assert "heart attack" in said
    assert "Score: 100%" in said


def test_an_empty_answer_scores_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("inferior-stemi", "diagnosis", "--answer", "", "--json") == 0
    assert json.loads(capsys.readouterr().out)["score"] == 0


@pytest.mark.parametrize(
    ("case", "question", "meant"),
    [("inferior-stem", "diagnosis", "inferior-stemi"), ("inferior-stemi", "diagnoses", "diagnosis")],
)
def test_an_unknown_name_ends_with_2_and_offers_the_nearest(
    case: str, question: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(case, question, "--answer", "x") == 2
    assert f"Did you mean “{meant}”?" in capsys.readouterr().err
