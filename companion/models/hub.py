"""The model hub, through huggingface_hub with the user's own configuration: endpoint, token, proxy."""

from __future__ import annotations

import errno
import fnmatch
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from companion.models.catalogue import ModelFile
from companion.models.clients import Listing, OnBytes
from companion.models.faults import DiskFull, SourceFailed

TIMEOUT_S = 10.0
"""Seconds to wait for the hub's first answer: one who cannot reach it should soon be told."""
BLOCK = 8 << 20
"""Bytes asked for at a time: large enough to hide the wait for each answer, small enough to lose little in a cut."""


class HuggingFace:
    """Lists and fetches files of repositories."""

    def __init__(self, endpoint: str | None = None) -> None:
        self._endpoint = endpoint

    def listing(self, repo: str, revision: str, patterns: tuple[str, ...]) -> Listing:
        """The files that match, at the commit a revision stands for."""
        with _translated(repo):
            api = _library().HfApi(endpoint=self._endpoint, library_name="companion")
            info = api.model_info(repo, revision=revision, files_metadata=True, timeout=TIMEOUT_S)
            files = tuple(
                ModelFile(file.rfilename, file.size, file.lfs.sha256 if file.lfs else None)
                for file in info.siblings or ()
                if any(fnmatch.fnmatch(file.rfilename, pattern) for pattern in patterns)
            )
        if not files or not info.sha:
            raise SourceFailed(f"{repo} on the model hub does not hold {', '.join(patterns)}.")
        if any(PurePosixPath(file.name).is_absolute() or ".." in PurePosixPath(file.name).parts for file in files):
            raise SourceFailed(f"{repo} on the model hub has file names that lead out of their folder.")
        return Listing(info.sha, files)

    def present(self, file: ModelFile, folder: Path) -> int:
        """Bytes of a file that an earlier try left."""
        places = folder / file.name, _part(folder / file.name)
        return next((place.stat().st_size for place in places if place.is_file()), 0)

    def fetch(self, repo: str, commit: str, file: ModelFile, folder: Path, on_bytes: OnBytes) -> Path:
        """Fetch one file into ``folder``, going on at the byte where an earlier try stopped.

        huggingface_hub's own download starts a cut file from its beginning, so the file is read through
        its file system, which can begin anywhere.
        """
        target = folder / file.name
        if target.is_file():
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        part, size = _part(target), file.size or 0
        with _translated(repo), part.open("ab") as local:
            done = local.tell()
            if done > size:
                local.truncate(done := 0)
            if done < size:
                hub = _library().HfFileSystem(endpoint=self._endpoint, skip_instance_cache=True)
                with hub.open(f"{repo}@{commit}/{file.name}", "rb", cache_type="none", size=size) as remote:
                    remote.seek(done)
                    while done < size and (block := remote.read(min(BLOCK, size - done))):
                        local.write(block)
                        done += len(block)
                        on_bytes(done)
        if done != size:
            raise SourceFailed(f"{file.name} broke off at {done} of {size} bytes.", hint="Run the same command again.")
        part.replace(target)
        return target


def _part(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def _library() -> Any:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import huggingface_hub

    return huggingface_hub


@contextmanager
def _translated(repo: str) -> Iterator[None]:
    from huggingface_hub import errors

    unreachable = "The model hub cannot be reached"
    try:
        yield
    except errors.GatedRepoError as error:
        raise SourceFailed(
            f"{repo} on the model hub is given only to those who asked for it.",
            hint="Ask for access on its page, then sign in with `hf auth login`.",
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise SourceFailed(f"{repo} is not on the model hub.") from error
    except errors.RevisionNotFoundError as error:
        raise SourceFailed(f"{repo} on the model hub does not have this revision.") from error
    except errors.OfflineModeIsEnabled as error:
        raise SourceFailed(f"{unreachable}: HF_HUB_OFFLINE is set.") from error
    except (_network_error(), OSError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise DiskFull.midway(repo) from error
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise SourceFailed(f"{unreachable}: {reason}.", hint="Check the connection and try again.") from error


def _network_error() -> type[Exception]:
    """What the HTTP library under huggingface_hub raises for a network that fails: the base of its own errors."""
    from huggingface_hub import errors

    base = errors.HfHubHTTPError.__mro__[1]
    assert issubclass(base, Exception)
    return base
