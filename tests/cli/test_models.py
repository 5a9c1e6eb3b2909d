from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from companion.cli import main
from companion.models.catalogue import model_path
from tests.models.conftest import WHOLE, Workshop, make_wheel
from tests.models.conftest import workshop as workshop
from tests.models.registry_stand_in import stand_in

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(workshop: Workshop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line on the workshop's catalogue: status, stdout, stderr."""
    catalogue = workshop.shelf.parent
    monkeypatch.setattr("companion.models.catalogue.shipped", lambda kind: catalogue)
    monkeypatch.setattr("companion.models.clients.default_clients", lambda: workshop.clients)
    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["models", *arguments])
        told = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        assert "Traceback" not in told.err
        return ended.value.code, told.out, told.err

    return run


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_a_pull_without_a_name_fetches_the_starter_set(run: Run, workshop: Workshop) -> None:
    status, out, err = run("pull", "--accept-terms")
    assert (status, out) == (0, "")
    assert "https://example.org/terms" in err
    assert "small: fetched and checked" in err
    assert model_path(workshop.home, workshop.catalogue["small"]).read_bytes() == WHOLE
    assert "small: already here" in run("pull")[2]


def test_what_is_here_is_passed_over_in_silence_when_only_what_is_missing_is_wanted(
    run: Run, workshop: Workshop
) -> None:
    assert "small: fetched and checked" in run("pull", "--if-missing", "--accept-terms")[2]
    assert run("pull", "--if-missing") == (0, "", "")
    model_path(workshop.home, workshop.catalogue["small"]).write_bytes(WHOLE[:-1])
    assert "small: fetched and checked" in run("pull", "--if-missing", "--accept-terms")[2]


def test_a_pull_for_scripts_prints_one_event_a_line(run: Run) -> None:
    status, out, _ = run("pull", "--accept-terms", "--json")
    events = lines(out)
    assert status == 0
    assert {event["phase"] for event in events if event["event"] == "progress"} >= {"downloading", "verifying"}
    assert events[-2]["event"] == "ready"
    assert events[-2]["fetched"] is True
    assert events[-1] == {"event": "finished", "ready": ["small"], "failed": []}


def test_terms_are_not_accepted_by_a_script_that_does_not_say_so(run: Run, workshop: Workshop) -> None:
    workshop.hub.reachable = True
    status, out, _ = run("pull", "small", "hub-only", "--json")
    events = lines(out)
    assert status == 2
    assert events[0]["event"] == "failed"
    assert "--accept-terms" in events[0]["hint"]
    assert events[-1] == {"event": "finished", "ready": ["hub-only"], "failed": ["small"]}


@pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("n\n", 2)])
def test_terms_are_shown_and_asked_for_on_a_terminal(
    run: Run, workshop: Workshop, monkeypatch: pytest.MonkeyPatch, answer: str, status: int
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda prompt: answer.strip())
    ended, _, err = run("pull", "small")
    assert ended == status
    assert "Be good." in err
    assert bool(workshop.pip.asked) == (status == 0)
    assert ("Terms not accepted" in err) == (status == 2)


def test_the_recommended_set_begins_with_what_needs_no_hub(run: Run, workshop: Workshop) -> None:
    status, out, _ = run("pull", "--recommended", "--accept-terms", "--json")
    finished = lines(out)[-1]
    assert (status, finished["ready"], finished["failed"]) == (2, ["small"], ["hub-only"])
    workshop.hub.reachable = True
    status, out, _ = run("pull", "--recommended", "--json")
    assert (status, lines(out)[-1]["ready"]) == (0, ["small", "hub-only"])


def test_an_unknown_name_is_an_error_with_the_nearest(run: Run) -> None:
    status, _, err = run("pull", "smal")
    assert status == 2
    assert "small" in err.split("Did you mean")[1]


def test_the_list_tells_what_is_here_and_in_use(run: Run) -> None:
    rows = {row["name"]: row for row in lines(run("list", "--json")[1])[0]["models"]}
    assert (rows["small"]["state"], rows["small"]["in_use"]) == ("missing", False)
    assert rows["hub-only"]["checksum"] == "from-hub"
    run("pull", "--accept-terms")
    rows = {row["name"]: row for row in lines(run("list", "--json")[1])[0]["models"]}
    assert (rows["small"]["state"], rows["small"]["in_use"], rows["small"]["starter"]) == ("ready", True, True)
    _, out, err = run("list")
    assert [line.split()[0] for line in out.splitlines()] == ["Name", "small", "hub-only"]
    assert "first pull" in err


def test_verify_reads_the_files_and_fails_for_damage(run: Run, workshop: Workshop) -> None:
    assert run("verify", "--json")[0] == 1
    run("pull", "--accept-terms")
    assert run("verify")[0] == 0
    path = model_path(workshop.home, workshop.catalogue["small"])
    path.write_bytes(b"X" * len(WHOLE))
    status, out, err = run("verify")
    assert status == 1
    assert "weights.gguf has another checksum" in out
    assert "companion models pull small" in err
    path.unlink()
    [report] = lines(run("verify", "small", "--json")[1])
    assert report == {
        "ok": False,
        "models": [{"name": "small", "state": "damaged", "faults": ["weights.gguf is missing"]}],
    }


def test_remove_asks_and_tells_what_was_freed(run: Run, workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    run("pull", "--accept-terms")
    folder = workshop.home.models / "small"
    size = sum(file.stat().st_size for file in folder.iterdir())
    status, _, err = run("remove", "small")
    assert status == 2
    assert "--yes" in err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda prompt: "n")
    assert run("remove", "small")[0] == 130
    assert folder.exists()
    status, out, _ = run("remove", "small", "--yes", "--json")
    assert (status, lines(out)) == (0, [{"removed": "small", "freed_bytes": size}])
    assert not folder.exists()
    status, _, err = run("remove", "small", "--yes")
    assert status == 2
    assert "nothing to remove" in err


def test_ctrl_c_leaves_what_was_fetched_and_says_so(run: Run, workshop: Workshop) -> None:
    def interrupt(name: str, folder: Path) -> None:
        raise KeyboardInterrupt

    workshop.npm.before = interrupt
    status, _, err = run("pull", "--accept-terms")
    assert status == 130
    assert "goes on from there" in err
    workshop.npm.before = lambda name, folder: None
    assert run("pull")[0] == 0
    assert workshop.pip.asked == ["first"]


PROGRAM = """
import sys
from pathlib import Path
import companion.models.catalogue as catalogue
catalogue.shipped = lambda kind: Path(sys.argv[1])
from companion.cli import main
main(["models", "pull", "pip-only", "--json"])
"""

PIP_ONLY = """
[[model]]
name = "pip-only"
title = "A model from pip"
role = "language_model"
engine = "llama"
licence = "MIT"
terms = "https://example.org/mit"
memory = 1
rank = 1
file = [{{ name = "data.bin", size = {size}, sha256 = "{sha256}" }}]
source = [{{ bundle = "pip-only" }}]

[[bundle.pip-only]]
client = "pip"
name = "weights-pack"
version = "1.0"
size = 2000000
member = [{{ path = "weights_pack/data.bin", to = "data.bin" }}]
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are sent in another way there")
def test_a_real_ctrl_c_stops_pip_too_and_the_next_pull_finishes(tmp_path: Path, workshop: Workshop) -> None:
    import hashlib

    data = os.urandom(2_000_000)
    catalogue = tmp_path / "interrupted"
    catalogue.mkdir()
    text = PIP_ONLY.format(size=len(data), sha256=hashlib.sha256(data).hexdigest())
    (catalogue / "catalog.toml").write_text(text)
    info = "weights_pack-1.0.dist-info"
    wheel = make_wheel(
        tmp_path / "made.whl",
        {
            "weights_pack/data.bin": data,
            f"{info}/METADATA": b"Metadata-Version: 2.1\nName: weights-pack\nVersion: 1.0\n",
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": b"",
        },
    ).read_bytes()
    with stand_in() as server:
        server.add_wheel("weights-pack", "weights_pack-1.0-py3-none-any.whl", wheel)
        server.cuts, server.limit = 1, 500_000
        server.held.set()
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PIP_") and "proxy" not in k.lower()}
        environment = kept | {"PIP_INDEX_URL": server.address + "/simple", "PIP_CONFIG_FILE": os.devnull}
        command = [sys.executable, "-c", PROGRAM, str(catalogue)]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            deadline = time.monotonic() + 30
            while not any(path.endswith(".whl") for path, _ in server.asked):
                assert time.monotonic() < deadline
                assert process.poll() is None
                time.sleep(0.05)
            # To the command alone, as `kill` does: it must stop its own pip.
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=20)
            group = process.pid
        assert process.returncode == 130
        assert "Traceback" not in err
        with pytest.raises(ProcessLookupError):
            os.killpg(group, 0)
        assert not (workshop.home.models / "pip-only").exists()
        server.held.clear()
        finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert lines(finished.stdout)[-1] == {"event": "finished", "ready": ["pip-only"], "failed": []}
    assert (workshop.home.models / "pip-only/data.bin").read_bytes() == data
