"""``companion decks`` lists, shows and checks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from companion.cli import main
from companion.home import Home, shipped

STEMI = shipped("decks") / "cardiology" / "inferior-stemi.md"


def run(*argv: str) -> int:
    with pytest.raises(SystemExit) as exited:
        main(["decks", *argv])
    assert isinstance(exited.value.code, int)
    return exited.value.code


def test_list_counts_cases_questions_key_points_and_findings(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--json") == 0
    decks = {deck["name"]: deck for deck in json.loads(capsys.readouterr().out)["decks"]}
    assert list(decks["cardiology"]) == ["name", "cases", "questions", "key_points", "findings"]
    assert decks["cardiology"]["cases"] >= 1
    assert decks["cardiology"]["questions"] >= 5


def test_list_is_a_table_for_people_and_tells_what_was_left_out(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    (home.decks / "mine").mkdir(parents=True)
    (home.decks / "mine" / "broken.md").write_text("nothing")
    assert run("list") == 0
    said = capsys.readouterr()
    assert "cardiology" in said.out
    assert "Left out:" in said.err and "broken.md:1:" in said.err


def test_show_of_a_deck_says_that_no_clinician_reviewed_a_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "cardiology") == 0
    assert "not reviewed" in capsys.readouterr().out
    assert run("show", "cardiology", "--json") == 0
    cases = json.loads(capsys.readouterr().out)["cases"]
    assert {case["id"]: case["reviewed_by"] for case in cases}["inferior-stemi"] is None


def test_show_of_a_case_keeps_its_answers_back_unless_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "inferior-stemi") == 0
    hidden = capsys.readouterr().out
    assert "Maria Okafor" in hidden and "not reviewed by a clinician" in hidden and "(2023)" in hidden
    assert "Nitrates must be avoided" not in hidden
    assert run("show", "inferior-stemi", "--answers") == 0
    assert "Nitrates must be avoided. (critical)" in capsys.readouterr().out


def test_show_of_a_case_as_json_holds_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "inferior-stemi", "--json") == 0
    case = json.loads(capsys.readouterr().out)
    assert case["questions"][0]["key_points"][0]["id"] == "inferior-wall"


def test_an_unknown_name_ends_with_2_and_offers_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "cardiologie") == 2
    assert "Did you mean “cardiology”?" in capsys.readouterr().err


def test_check_of_the_shipped_decks_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", str(shipped("decks"))) == 0
    assert capsys.readouterr().out == ""


def test_check_prints_file_line_and_message_and_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "inferior-stemi.md"
    file.write_text(STEMI.read_text(encoding="utf-8").replace("author: The Companion authors\n", ""), encoding="utf-8")
    assert run("check", str(file)) == 1
    assert capsys.readouterr().out == f"{file}:1: The front matter has no “author”.\n"
    assert run("check", str(file), "--json") == 1
    assert json.loads(capsys.readouterr().out) == {
        "files": 1,
        "problems": [{"file": str(file), "line": 1, "message": "The front matter has no “author”."}],
    }


def test_check_tells_the_line_of_bytes_that_are_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "odd.md"
    file.write_bytes(b"---\nid: \xff\n---\n")
    assert run("check", str(file), "--json") == 1
    assert json.loads(capsys.readouterr().out)["problems"][0]["line"] == 2


def test_check_of_a_path_that_is_not_there_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", str(tmp_path / "nowhere")) == 2
    assert "There is no file or folder" in capsys.readouterr().err


def test_list_counts_the_findings_of_the_findings_deck(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("list", "--json") == 0
    (deck,) = [d for d in json.loads(capsys.readouterr().out)["decks"] if d["name"] == "findings"]
    assert (deck["cases"], deck["questions"], deck["key_points"]) == (0, 0, 0)
    assert deck["findings"] >= 60


def test_show_of_the_findings_deck_says_that_no_clinician_reviewed_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "findings") == 0
    shown = capsys.readouterr().out
    assert "papilloedema" in shown and "not reviewed" in shown
    assert run("show", "findings", "--json") == 0
    held = json.loads(capsys.readouterr().out)
    assert held["cases"] == []
    assert {"id": "papilloedema", "name": "Papilloedema", "area": "neurology", "reviewed_by": None} in held["findings"]


def test_show_of_a_finding_tells_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "papilloedema") == 0
    shown = capsys.readouterr().out
    assert "not reviewed by a clinician" in shown and "blurred disc margins" in shown and "(2018)" in shown
    assert "   - brain tumour or abscess" in shown
    assert run("show", "papilloedema", "--json") == 0
    finding = json.loads(capsys.readouterr().out)
    assert finding["id"] == "papilloedema" and finding["reviewed_by"] is None
    assert finding["causes"][0] == "brain tumour or abscess"
    assert {"title", "year"} <= set(finding["sources"][0])


def test_check_tells_what_to_mend_in_findings_and_counts_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in (shipped("decks") / "findings").glob("*.md"):
        text = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text(text.replace("swollen optic discs; ", "broken red cells; "), encoding="utf-8")
    assert run("check", str(tmp_path)) == 1
    said = capsys.readouterr()
    assert "neurological-signs.md" in said.out and "“red-cell-fragments” is found instead" in said.out
    assert "8 files of findings: 1 to mend." in said.err


def test_a_deck_without_cases_cannot_be_quizzed_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["quiz", "findings", "--text"])
    assert exited.value.code == 2
    assert "companion explain" in capsys.readouterr().err
