"""Nothing spoken or typed leaves the machine, nothing is open to others on it, and no voice is kept unasked."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from companion.engines.wav import write_wav
from companion.home import Home
from tests import network_witness
from tests.e2e.spoken_case import ANSWER, write_deck
from tests.voices import spoken_by_joe

CHECKOUT = Path(__file__).parent.parent
COMPANION = (sys.executable, "-m", "companion")

EVERYTHING: tuple[tuple[str, ...], ...] = (
    ("quiz", "short", "--text"),
    ("explain", "absent pulse", "--ask", "what has happened?", "--text"),
    ("grade", "cold-foot", "cause", "--answer", ANSWER),
    ("decks", "list"),
    ("decks", "show", "short"),
    ("decks", "check", str(CHECKOUT / "decks")),
    ("voices", "list"),
    ("models", "list"),
    ("say", "The artery is blocked.", "-o", "said.wav"),
    ("transcribe", "said.wav", "--deck", "short"),
    ("quiz", "short", "--answer-audio", "answer.wav", "--speech-dir", "out", "--pace", "fast", "--json"),
    ("history", "list"),
    ("history", "show", "1"),
    ("history", "search", "artery"),
    ("history", "stats"),
    ("history", "export", "-o", "all.md"),
    ("history", "delete", "1", "--yes"),
    ("doctor",),
)
"""All that Companion does but fetching models; on the real engines."""

HARMLESS = {"ldconfig", "gcc", "cc", "ld", "objdump", "uname", "sh", "pactl", "npm"}
"""Programs that Python itself starts to find a system's library or name; none is given anything that was said."""


@pytest.fixture
def place(model_home: Home, tmp_path: Path) -> Path:
    """A folder with a home in it that has the models and a short deck, and a spoken answer beside."""
    assert model_home.root == tmp_path / "home"
    write_deck(model_home)
    write_wav(tmp_path / "answer.wav", spoken_by_joe(ANSWER))
    (tmp_path / "user").mkdir()
    return tmp_path


def environment(place: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """A user's own, in which no test or build service has turned anything off."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ORT_", "XDG_", "HF_", "GITHUB_")) and name not in ("CI", "TF_BUILD", "DO_NOT_TRACK")
    }
    return {**kept, "HOME": str(place / "user"), "COLUMNS": "80", **extra}


def run(
    place: Path, *command: str, before: tuple[str, ...] = (), extra: Mapping[str, str] = {}
) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(filter(None, [extra.get("PYTHONPATH"), str(CHECKOUT)]))
    return subprocess.run(
        [*before, *command],
        cwd=place,
        env=environment(place, {**extra, "PYTHONPATH": path}),
        input=ANSWER + "\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture
def watched(tmp_path: Path) -> Callable[..., list[dict[str, str | bool]]]:
    """Runs a program under the witness and gives what it saw."""
    hook = tmp_path / "witness"
    hook.mkdir()
    shutil.copy(str(network_witness.__file__), hook / "sitecustomize.py")

    def watch(place: Path, *command: str, fails: bool = False) -> list[dict[str, str | bool]]:
        log = tmp_path / "seen.jsonl"
        log.unlink(missing_ok=True)
        done = run(place, *command, extra={"PYTHONPATH": str(hook), "NETWORK_WITNESS": str(log)})
        assert fails == (done.returncode != 0), f"{command}: {done.stdout}\n{done.stderr}"
        seen = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
        assert seen[0]["event"] == "watching"
        return seen

    return watch


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('192.0.2.1', 80), 1)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
        "import socket; socket.getaddrinfo('example.org', 443)",
        "import socket; socket.gethostbyname('example.org')",
        "import httpx; httpx.get('http://192.0.2.1/')",
        "import urllib.request; urllib.request.urlopen('http://example.org')",
        "import asyncio; asyncio.run(asyncio.open_connection('2001:db8::1', 80))",
    ],
)
def test_the_witness_sees_and_stops_an_attempt(
    attempt: str, tmp_path: Path, watched: Callable[..., list[dict[str, str | bool]]]
) -> None:
    assert any(each["beyond"] for each in watched(tmp_path, sys.executable, "-c", attempt, fails=True))


def test_the_witness_lets_this_machine_talk_to_itself(
    tmp_path: Path, watched: Callable[..., list[dict[str, str | bool]]]
) -> None:
    program = (
        "import socket; s = socket.create_server(('127.0.0.1', 0)); "
        "socket.create_connection(('localhost', s.getsockname()[1]), 1)"
    )
    seen = watched(tmp_path, sys.executable, "-c", program)
    assert {"socket.bind", "socket.connect", "socket.getaddrinfo"} <= {each["event"] for each in seen}


@pytest.mark.models
@pytest.mark.slow
def test_nothing_companion_does_reaches_beyond_the_machine(
    place: Path, watched: Callable[..., list[dict[str, str | bool]]]
) -> None:
    for arguments in EVERYTHING:
        seen = watched(place, *COMPANION, *arguments)
        assert [each for each in seen if each["beyond"]] == [], arguments
        started = {Path(str(each["what"])).name for each in seen if each["event"] in network_witness.STARTING}
        assert started <= HARMLESS, arguments


@pytest.mark.models
@pytest.mark.slow
def test_nothing_native_tries_either_and_all_works_without_a_network(place: Path) -> None:
    """In a network of its own without a way out, where the kernel counts what any code tried.

    This is how ONNX Runtime was caught at reporting its use: see ``companion.engines``.
    """
    alone = ("unshare", "-rn")
    if not shutil.which("unshare") or run(place, "true", before=alone).returncode:
        pytest.skip("NOT CHECKED: this machine does not let a user take the network away from a program")
    counted = 'companion_status=0; "$@" >&2 || companion_status=$?; cat /proc/net/snmp; exit $companion_status'

    def refused(*command: str) -> int:
        done = run(place, *command, before=(*alone, "sh", "-c", counted, "sh"))
        assert done.returncode == 0, done.stderr
        names, values = (line.split()[1:] for line in done.stdout.splitlines() if line.startswith("Ip:"))
        figures = dict(zip(names, map(int, values), strict=True))
        return figures["OutNoRoutes"] + figures["OutRequests"]

    attempt = "import contextlib, socket\nwith contextlib.suppress(OSError):\n    "
    assert refused(sys.executable, "-c", attempt + "socket.create_connection(('192.0.2.1', 80))") == 1
    for arguments in EVERYTHING:
        assert refused(*COMPANION, *arguments) == 0, arguments
    # A library that reports home first makes itself an identifier of the device.
    # PulseAudio's client keeps only its cookie.
    left = [path.relative_to(place / "user") for path in (place / "user").rglob("*")]
    assert {str(path) for path in left if not path.is_relative_to(".config/pulse")} <= {".config"}


@pytest.mark.models
@pytest.mark.slow
def test_what_a_session_leaves_is_its_owners_alone_and_holds_no_voice(place: Path, home: Home) -> None:
    spoken = (*COMPANION, "quiz", "short", "--answer-audio", "answer.wav", "--speech-dir", "out", "--pace", "fast")
    umask = os.umask(0o022)
    try:
        done = run(place, *spoken)
        assert done.returncode == 0, done.stderr
        assert not home.recordings.exists()
        assert modes(home) == {"folder": {0o700}, "file": {0o600}}
        kept = run(place, *spoken, extra={"COMPANION_KEEP_RECORDINGS": "yes"})
        assert kept.returncode == 0, kept.stderr
        (recording,) = home.recordings.iterdir()
        assert recording.suffix == ".wav"
        assert modes(home) == {"folder": {0o700}, "file": {0o600}}
    finally:
        os.umask(umask)
    # Deleting a session takes its voice with it.
    assert run(place, *COMPANION, "history", "delete", "2", "--yes").returncode == 0
    assert list(home.recordings.iterdir()) == []


def modes(home: Home) -> dict[str, set[int]]:
    """The permissions of all that Companion made in its home."""
    found: dict[str, set[int]] = {"folder": {stat.S_IMODE(home.root.stat().st_mode)}, "file": set()}
    for path in home.root.rglob("*"):
        # The models are shared with the user's own home, and the deck was put there by the test.
        if path.is_relative_to(home.models) or path.is_relative_to(home.decks):
            continue
        found["folder" if path.is_dir() else "file"].add(stat.S_IMODE(path.stat().st_mode))
    return found


def tracked() -> Iterator[tuple[str, str]]:
    """Each text file of the repository, with its text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("NOT CHECKED: this is no git checkout, so it is not known which files belong to it")
    for name in filter(None, listed.stdout.split("\0")):
        path = CHECKOUT / name
        if path.is_file():
            yield name, path.read_text("utf-8", errors="ignore")


def found_in_files(pattern: str) -> list[str]:
    wanted = re.compile(pattern, re.IGNORECASE)
    files = list(tracked())
    assert len(files) > 100
    return [f"{name}: {hit.group()}" for name, text in files for hit in wanted.finditer(text)]


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    # Written in parts, so that this file does not name one itself.
    roots = ("home/", "root/", "Users/", "work/", "tmp/", "mnt/", "private/")
    assert found_in_files(r"(?<![\w./~-])/(?:" + "|".join(roots) + r")[\w.-]") == []


def test_no_file_names_a_packages_address() -> None:
    hosts = ("py" + "pi.org", "python" + "hosted", "npm" + "js", "hugging" + "face.co", "hf" + ".co", "mirr" + "ors.")
    assert found_in_files("|".join(re.escape(host) for host in hosts)) == []
    assert found_in_files(r"(?:index-url|find-links|registry)[\s=:\"']+https?:") == []


def test_no_file_names_the_tools_it_was_written_with() -> None:
    tools = (
        "clau" + "de",
        "anthro" + "pic",
        "chat" + "gpt",
        "co" + "pilot",
        "co" + "dex",
        "str_" + "replace",
        "lab/" + "issue",
    )
    assert found_in_files(r"\b(?:" + "|".join(tools) + ")") == []
