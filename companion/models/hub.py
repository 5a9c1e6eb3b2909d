"""The model hub, through huggingface_hub with the user's own configuration: endpoint, token, proxy."""

from __future__ import annotations

import errno
import fnmatch
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from companion.models.catalogue import ModelFile
from companion.models.clients import Listing, OnBytes
from companion.models.faults import DiskFull, SourceFailed

TIMEOUT_S = 10.0
"""Seconds to wait for the hub's first answer: one who cannot reach it should soon be told."""


class HuggingFace:
    """Lists and fetches files of public repositories."""

    def __init__(self, endpoint: str | None = None) -> None:
        self._endpoint = endpoint

    def listing(self, repo: str, revision: str, patterns: tuple[str, ...]) -> Listing:
        """The files that match, at the commit a revision stands for."""
        with _translated(repo):
            info = self._api().model_info(repo, revision=revision, files_metadata=True, timeout=TIMEOUT_S)
            files = tuple(
                ModelFile(file.rfilename, file.size, file.lfs.sha256 if file.lfs else None)
                for file in info.siblings or ()
                if any(fnmatch.fnmatch(file.rfilename, pattern) for pattern in patterns)
            )
        if not files or not info.sha:
            raise SourceFailed(f"{repo} on the model hub does not hold {', '.join(patterns)}.")
        return Listing(info.sha, files)

    def fetch(self, repo: str, commit: str, name: str, folder: Path, on_bytes: OnBytes) -> Path:
        """Fetch one file into ``folder``; one that is already whole there is not fetched again."""
        with _translated(repo):
            counter = _counter(on_bytes)
            return Path(self._api().hf_hub_download(repo, name, revision=commit, local_dir=folder, tqdm_class=counter))

    def _api(self) -> Any:
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        import huggingface_hub

        return huggingface_hub.HfApi(endpoint=self._endpoint, library_name="companion")


def _counter(on_bytes: OnBytes) -> type:
    """A progress bar that draws nothing and passes on how many bytes are done."""
    from tqdm import tqdm

    class Counter(tqdm):  # type: ignore[type-arg]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.pop("name", None)
            kwargs["disable"] = True
            super().__init__(*args, **kwargs)
            self.n = kwargs.get("initial", 0)

        def update(self, n: float | None = 1) -> bool | None:
            self.n += n or 0
            on_bytes(int(self.n))
            return None

    return Counter


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
    except errors.OfflineModeIsEnabled as error:
        raise SourceFailed(f"{unreachable}: HF_HUB_OFFLINE is set.") from error
    except (errors.HTTPError, errors.XetDownloadError, errors.EntryNotFoundError, OSError, RuntimeError) as error:
        # huggingface_hub raises RuntimeError for a client that was closed, and when xet's transfer breaks off.
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise DiskFull.midway(repo) from error
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise SourceFailed(
            f"{unreachable}, or broke off: {first}", hint="Check the connection and try again."
        ) from error
