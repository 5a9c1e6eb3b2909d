"""Showing a pull: bars on stderr for people, one JSON object a line on stdout for scripts."""

from __future__ import annotations

from dataclasses import asdict
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from companion.cli.output import print_json
from companion.models.faults import megabytes
from companion.models.progress import Progress

_WORDS = {"downloading": "fetching", "importing": "importing", "verifying": "checking"}


class ProgressBars:
    """One bar for each phase of one model; plain lines where there is no terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            DownloadColumn(),
            TextColumn("{task.fields[pace]}"),
        )
        self._bars = Bars(*columns, console=self._console, transient=True, disable=not self._console.is_terminal)
        self._task: TaskID | None = None
        self._phase = ""

    def __enter__(self) -> ProgressBars:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bars.stop()

    def __call__(self, progress: Progress) -> None:
        """Show where a model stands."""
        if progress.phase in ("waiting", "fallback"):
            self._console.print(f"{progress.model}: {progress.message}", markup=False, highlight=False)
            return
        if progress.phase == "ready":
            return
        if progress.phase != self._phase:
            self._phase = progress.phase
            if self._task is not None:
                self._bars.remove_task(self._task)
            self._task = self._bars.add_task("", total=None, pace="")
            if not self._console.is_terminal:
                size = f", {megabytes(progress.total)}" if progress.total else ""
                self._console.print(f"{progress.model}: {_WORDS[progress.phase]}{size}", highlight=False)
        assert self._task is not None
        self._bars.update(
            self._task,
            description=f"{_WORDS[progress.phase]} {progress.model}",
            completed=progress.done,
            total=progress.total,
            pace=pace(progress),
        )


class JsonLines:
    """Each event as one line."""

    def __enter__(self) -> JsonLines:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pass

    def __call__(self, progress: Progress) -> None:
        """Print where a model stands; that it is ready is told once, by the command."""
        if progress.phase != "ready":
            print_json({"event": "progress", **asdict(progress)})


def pace(progress: Progress) -> str:
    """Speed and time left in words; empty where they are not known."""
    if progress.speed is None:
        return ""
    speed = f"{progress.speed / 1e6:.1f} MB/s"
    if progress.seconds_left is None:
        return speed
    left = round(progress.seconds_left)
    return f"{speed}, {left} s left" if left < 90 else f"{speed}, {round(left / 60)} min left"
