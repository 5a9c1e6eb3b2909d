from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len

from companion.cli import main
from companion.core.latency import Latency
from companion.home import Home
from companion.store.history import History
from tests.store import sessions
from tests.store.sessions import BEGUN


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def kept(home: Home) -> Home:
    """A home with two sessions: one whole, one that Ctrl-C ended in its second turn."""
    history = History(home)
    sessions.whole(history)
    session = sessions.begin(history, BEGUN + timedelta(days=1))
    sessions.turn(
        history,
        session,
        heard="Haptoglobin is low.",
        raw="half the globe in is low",
        said="",
        at=BEGUN + timedelta(days=1),
    )
    number = history.ask(session, "chest-pain", "artery", "Which artery?", BEGUN + timedelta(days=1))
    history.fail(number, "speech", "The voice ran out of memory.")
    history.close()
    return home


class Ran:
    """What a command printed and how it ended."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = " ".join(err.replace("│", " ").split())

    @property
    def json(self) -> dict[str, object]:
        value = json.loads(self.out)
        assert isinstance(value, dict)
        return value


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(capsys)


class Runner:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main(["history", *arguments])
        out, err = self._capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, out, err)


EMPTY = {
    "list": {"sessions": [], "total": 0},
    "search x": {"query": "x", "found": []},
    "export": {"sessions": []},
}


@pytest.mark.parametrize("command", ["list", "search x", "stats"])
def test_an_empty_history_teaches_how_to_begin(home: Home, run: Runner, command: str) -> None:
    ran = run(*command.split())
    assert ran.status == 0
    assert "companion quiz" in ran.out
    assert str(home.database) in ran.out
    assert not home.root.exists()


@pytest.mark.parametrize("command", EMPTY)
def test_an_empty_history_is_empty_json(home: Home, run: Runner, command: str) -> None:
    ran = run(*command.split(), "--json")
    assert (ran.status, ran.json) == (0, EMPTY[command])
    assert not home.root.exists()


def test_the_statistics_of_an_empty_history_are_noughts(home: Home, run: Runner) -> None:
    figures = run("stats", "--json").json
    assert (figures["sessions"], figures["turns"], figures["mean_score"], figures["weeks"]) == (0, 0, None, [])
    assert not home.root.exists()


def test_the_list_shows_the_latest_first(kept: Home, run: Runner) -> None:
    ran = run("list")
    lines = ran.out.splitlines()
    assert ran.status == 0
    assert lines[1].split()[0] == "2"
    assert "not finished" in lines[1]
    assert lines[2].split()[0] == "1"
    assert "62%" in lines[2]
    assert "cardiology" in lines[2]


def test_the_list_for_scripts_says_how_many_there_are(kept: Home, run: Runner) -> None:
    listed = run("list", "--limit", "1", "--json").json
    assert listed["total"] == 2
    assert isinstance(listed["sessions"], list)
    assert [session["id"] for session in listed["sessions"]] == [2]
    assert set(listed["sessions"][0]) == {
        *("id", "kind", "deck", "started_at", "ended_at", "score", "recognizer", "language_model", "voice", "turns")
    }
    assert "and 1 earlier" in run("list", "--limit", "1").out


def test_a_session_is_shown_with_all_that_happened(kept: Home, run: Runner) -> None:
    out = run("show", "2").out
    for part in (
        *("Session 2", "whisper-tiny.en", "gemma-3-270m", "af_heart", "chest-pain / ecg", "Haptoglobin is low."),
        *("As recognised", "half the globe in is low", "hit: It is an inferior infarction. (“inferior”)"),
        *("partial: The ST segments rise", "missed: The right coronary", "(nothing was heard of it)", "Planned"),
        *("first sound after 1.03 s", "end of speech 0.10", "transcript 0.40", "Which artery?"),
        "in speech: The voice ran out of memory.",
    ):
        assert part in out, part
    assert out.index("Turn 1") < out.index("Turn 2")


def test_the_raw_text_is_shown_only_where_it_differs(kept: Home, run: Runner) -> None:
    assert "As recognised" not in run("show", "1").out


def test_a_session_of_any_language_fits_eighty_columns(home: Home, run: Runner) -> None:
    history = History(home)
    session = sessions.begin(history)
    texts = (
        "心电图显示下壁心肌梗死。" * 20,
        "x" * 300,
        "ما هو التشخيص " * 20,
        "one\ntwo",
        "esc \x1b[31m \x07 \u202eabc",
    )
    for text in texts:
        sessions.turn(history, session, asked=text, heard=text, said=text)
    history.close()
    out = run("show", "1").out
    assert all(cell_len(line) <= 80 for line in out.splitlines())
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
    lines = [line.strip() for line in out.splitlines()]
    assert lines[lines.index("Asked          one") + 1] == "two"
    for text in texts[:2]:
        assert text in "".join(out.split())


def test_a_session_for_scripts_is_one_object(kept: Home, run: Runner) -> None:
    shown = run("show", "2", "--json").json
    assert shown["id"] == 2
    turns = shown["turns"]
    assert isinstance(turns, list)
    assert turns[0]["raw"] == "half the globe in is low"
    assert turns[0]["points"][0]["verdict"] == "hit"
    assert set(turns[0]["latency"]) == set(Latency.stages())
    assert turns[1]["status"] == "failed"


@pytest.mark.parametrize("command", [["show"], ["delete", "--yes"]])
def test_a_session_that_is_not_there_is_told_with_those_that_are(kept: Home, run: Runner, command: list[str]) -> None:
    ran = run(*command, "7")
    assert (ran.status, ran.out) == (2, "")
    assert "There is no session 7." in ran.err
    assert "There are: 2, 1." in ran.err


def test_words_are_found(kept: Home, run: Runner) -> None:
    ran = run("search", "inferior", "infarct")
    assert ran.status == 0
    assert "Session 1" in ran.out
    assert "An [inferior] [infarction] with" in ran.out
    found = run("search", "haptoglobin", "--json").json["found"]
    assert isinstance(found, list)
    assert [(hit["session"], hit["turn"], hit["heard"]) for hit in found] == [(2, 2, "[Haptoglobin] is low.")]


@pytest.mark.parametrize("text", ["AND zebra (", "caf\udce9", "\x1b[31m"])
def test_words_that_are_not_there_are_told(kept: Home, run: Runner, text: str) -> None:
    ran = run("search", "--", text)
    assert ran.status == 0
    assert "No turn has all of" in ran.out
    assert "\x1b" not in ran.out


@pytest.mark.parametrize("text", ['"', "", "* ( -"])
def test_signs_alone_are_told_to_be_no_words(kept: Home, run: Runner, text: str) -> None:
    ran = run("search", "--", text)
    assert (ran.status, ran.out) == (0, "Name a word to look for; signs alone are not searched.\n")


def test_figures_are_shown_by_case_and_week_with_what_was_missed(kept: Home, run: Runner) -> None:
    out = run("stats").out
    for part in ("2 sessions, 3 turns, 2 answered", "Mean score 62%", "1.03 s", "chest-pain", "02 Nov 2026", "2 of 2"):
        assert part in out, part
    figures = run("stats", "--json").json
    assert figures["answered"] == 2
    assert figures["first_audio_latency_s"] == {"n": 2, "min": 1.03, "median": 1.03, "p95": 1.03, "max": 1.03}


@pytest.mark.parametrize(
    ("arguments", "begins"), [([], "{"), (["--format", "csv"], "session,"), (["--format", "md"], "# ")]
)
def test_everything_is_exported_to_the_terminal(kept: Home, run: Runner, arguments: list[str], begins: str) -> None:
    ran = run("export", *arguments)
    assert ran.status == 0
    assert ran.out.startswith(begins)
    assert "half the globe in is low" in ran.out or begins == "# "


def test_a_file_gets_the_format_of_its_suffix_and_only_its_owner_reads_it(
    kept: Home, run: Runner, tmp_path: Path
) -> None:
    ran = run("export", "-o", str(tmp_path / "all.csv"))
    assert ran.out == f"2 sessions written to {tmp_path / 'all.csv'}\n"
    assert (tmp_path / "all.csv").read_text("utf-8").startswith("session,")
    if os.name == "posix":
        assert (tmp_path / "all.csv").stat().st_mode & 0o077 == 0
    ran = run("export", "-o", str(tmp_path / "all.txt"), "--format", "md", "--json")
    assert ran.json == {"path": str(tmp_path / "all.txt"), "format": "md", "sessions": 2}
    assert (tmp_path / "all.txt").read_text("utf-8").startswith("# History")


def test_a_file_that_is_there_is_overwritten_only_by_force(kept: Home, run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    path.write_text("precious")
    ran = run("export", "-o", str(path))
    assert ran.status == 2
    assert "--force" in ran.err
    assert path.read_text() == "precious"
    assert run("export", "-o", str(path), "--force").status == 0
    assert len(json.loads(path.read_text("utf-8"))["sessions"]) == 2


def test_an_export_that_fails_leaves_nothing_behind(
    kept: Home, run: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    path = folder / "all.json"
    path.write_text("precious")

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    ran = run("export", "-o", str(path), "--force")
    assert ran.status == 2
    assert "No space left on device" in ran.err
    assert [file.name for file in folder.iterdir()] == ["all.json"]
    assert path.read_text() == "precious"


def test_a_folder_that_is_not_there_is_told(kept: Home, run: Runner, tmp_path: Path) -> None:
    ran = run("export", "-o", str(tmp_path / "none" / "all.json"))
    assert ran.status == 2
    assert "cannot be written" in ran.err


def test_two_formats_cannot_both_be_printed(kept: Home, run: Runner) -> None:
    ran = run("export", "--format", "csv", "--json")
    assert ran.status == 2
    assert "cannot both be printed" in ran.err


def test_deleting_says_what_is_gone(kept: Home, run: Runner) -> None:
    kept.recordings.mkdir()
    recording = kept.recordings / "a.wav"
    recording.write_bytes(b"RIFF")
    history = History(kept)
    history.recorded(1, recording)
    history.close()
    ran = run("delete", "1", "--yes")
    assert (ran.status, ran.out) == (0, "Deleted session 1: 1 turn and 1 recording.\n")
    assert not recording.exists()
    assert run("show", "1").status == 2
    assert run("delete", "2", "--yes", "--json").json == {"deleted": {"session": 2, "turns": 2, "recordings": []}}


@pytest.mark.parametrize(("answer", "left"), [("n\n", 2), ("y\n", 1), ("\n", 2)])
def test_deleting_asks_first(kept: Home, run: Runner, monkeypatch: pytest.MonkeyPatch, answer: str, left: int) -> None:
    read, write = os.openpty()
    os.write(read, answer.encode())
    with os.fdopen(write) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        ran = run("delete", "1")
    os.close(read)
    assert ran.status == 0
    assert "Delete session 1 (quiz, 02 Nov 2026" in ran.err + ran.out
    assert len(list_ids(run)) == left
    assert ("Nothing was deleted." in ran.err) == (left == 2)


def list_ids(run: Runner) -> list[int]:
    listed = run("list", "--json").json["sessions"]
    assert isinstance(listed, list)
    return [session["id"] for session in listed]


def test_deleting_without_anyone_to_ask_deletes_nothing(kept: Home) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "companion", "history", "delete", "1"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 2
    assert "--yes" in ran.stderr
    assert "Traceback" not in ran.stderr
    history = History(kept)
    assert history.count() == 2
    history.close()


def test_a_damaged_history_is_told_in_words_and_left_untouched(home: Home, run: Runner) -> None:
    home.root.mkdir(parents=True)
    home.database.write_bytes(b"no database")
    for command in ("list", "show 1", "search x", "stats", "export", "delete 1 --yes"):
        ran = run(*command.split())
        assert (ran.status, ran.out) == (2, ""), command
        assert "damaged" in ran.err
        assert "mv " in ran.err or "move " in ran.err
    assert home.database.read_bytes() == b"no database"
    assert [path.name for path in home.root.iterdir()] == [home.database.name]


def test_listing_imports_nothing_heavy(kept: Home) -> None:
    code = (
        "import sys\nfrom companion.cli import main\n"
        "try:\n    main(['history', 'list', '--json'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'numpy', 'sqlite_utils', 'rich', 'httpx', 'onnxruntime'} & set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ran.stderr.strip() == "[]"
    assert json.loads(ran.stdout)["total"] == 2
