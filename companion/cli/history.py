"""``companion history``: look through past sessions, export or delete them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from companion.cli.output import json_option, print_json, print_table
from companion.core.errors import HistoryError
from companion.core.legible import legible
from companion.home import Home

if TYPE_CHECKING:
    from companion.store.history import History

_LIMIT = click.option(
    "--limit", type=click.IntRange(min=0), default=20, show_default=True, help="How many at most; 0 for all."
)


@click.group()
def history() -> None:
    """Look through past sessions; export or delete them."""


@history.command("list")
@_LIMIT
@json_option
def list_(limit: int, as_json: bool) -> None:
    """List sessions, the latest first."""
    from companion.store.records import plain

    with _opened() as kept:
        sessions, total = kept.sessions(limit or None), kept.count()
    if as_json:
        print_json({"sessions": plain(sessions), "total": total})
        return
    if not sessions:
        _teach()
        return
    rows = [
        [
            *(str(session.id), _when(session.started_at), session.kind, legible(session.deck or "–")),
            *(str(session.turns), percent(session.score), "" if session.ended_at else "not finished"),
        ]
        for session in sessions
    ]
    columns = ["ID", "Begun", "Kind", "Deck", "Turns", "Score", ""]
    print_table(columns, rows, numeric=frozenset({"ID", "Turns", "Score"}))
    if total > len(sessions):
        click.echo(f"\nand {total - len(sessions)} earlier; --limit 0 lists all.")


@history.command()
@click.argument("id", type=int)
@json_option
def show(id: int, as_json: bool) -> None:
    """Show a session: what was asked, heard, marked and said."""
    from companion.store.records import plain

    with _opened() as kept:
        session = kept.session(id)
    if as_json:
        print_json(plain(session))
        return
    from companion.cli.session_page import print_session

    print_session(session)


@history.command()
@click.argument("text", nargs=-1, required=True)
@_LIMIT
@json_option
def search(text: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find turns by words that were asked, heard or said; the last may be a beginning."""
    from companion.store.records import plain

    wanted = " ".join(text)
    with _opened() as kept:
        found, total = kept.search(wanted, limit or None), kept.count()
    if as_json:
        print_json({"query": legible(wanted), "found": plain(found)})
        return
    if not total:
        _teach()
        return
    if not any(character.isalnum() for character in wanted):
        click.echo("Name a word to look for; signs alone are not searched.")
        return
    if not found:
        click.echo(f"No turn has all of: {legible(wanted)}\nFewer words find more; the last may be a beginning.")
        return
    from companion.cli.session_page import print_found

    print_found(found)
    if limit and len(found) == limit:
        click.echo("There may be more: --limit 0 shows all.")


@history.command()
@json_option
def stats(as_json: bool) -> None:
    """Show figures by case and by week, and the points missed most."""
    from companion.store.records import plain

    with _opened() as kept:
        figures = kept.statistics()
    if as_json:
        print_json(plain(figures))
        return
    if not figures.sessions:
        _teach()
        return
    click.echo(f"{figures.sessions} sessions, {figures.turns} turns, {figures.answered} answered")
    click.echo(f"Mean score {percent(figures.mean_score)}")
    if wait := figures.first_audio_latency_s:
        click.echo(f"First sound of a reply after {wait.median:.2f} s (median; 95th percentile {wait.p95:.2f} s)")
    numeric = frozenset({"Turns", "Mean score", "Missed"})
    if figures.cases:
        click.echo()
        rows = [[legible(case.case), str(case.turns), percent(case.mean_score)] for case in figures.cases]
        print_table(["Case", "Turns", "Mean score"], rows, numeric=numeric)
    click.echo()
    rows = [[f"{week.week:%d %b %Y}", str(week.turns), percent(week.mean_score)] for week in figures.weeks]
    print_table(["Week of", "Turns", "Mean score"], rows, numeric=numeric)
    if figures.missed_most:
        click.echo()
        rows = [
            [f"{point.missed} of {point.marked}", legible(point.statement), legible(point.case)]
            for point in figures.missed_most
        ]
        print_table(["Missed", "Point", "Case"], rows, numeric=numeric)


@history.command()
@click.option(
    "--format", "format", type=click.Choice(["json", "csv", "md"]), help="Default: the file's suffix, or json."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file, whole or not at all.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@json_option
def export(format: str | None, output: Path | None, force: bool, as_json: bool) -> None:
    """Write everything out as JSON, CSV or Markdown; to the terminal unless told a file."""
    from companion.store.export import FORMATS

    if output == Path("-"):
        output = None
    if as_json and output is None and format not in (None, "json"):
        raise click.UsageError(f"--json and --format {format} cannot both be printed; add -o FILE.")
    if format is None:
        suffix = output.suffix[1:].lower() if output else ""
        format = suffix if suffix in FORMATS else "json"
    with _opened() as kept:
        text, total = kept.export(format), kept.count()
    if output is None:
        sys.stdout.write(text)
        return
    _write_whole(output, text, force)
    if as_json:
        print_json({"path": str(output), "format": format, "sessions": total})
    else:
        click.echo(f"{_counted(total, 'session')} written to {output}")


@history.command()
@click.argument("id", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def delete(id: int, yes: bool, as_json: bool) -> None:
    """Delete a session for good, with its turns and recordings."""
    from companion.store.records import plain

    with _opened() as kept:
        session = kept.session(id)
        summary, voices = session.summary, sum(turn.recording is not None for turn in session.turns)
        what = f"session {id} ({summary.kind}, {_when(summary.started_at)}, {_counted(summary.turns, 'turn')}"
        what += f", {_counted(voices, 'recording')})" if voices else ")"
        if not yes:
            if not sys.stdin.isatty():
                raise HistoryError("Nothing was deleted: nobody is there to confirm it.", hint="Add --yes to delete.")
            if not click.confirm(f"Delete {what} for good?", err=True):
                click.echo("Nothing was deleted.", err=True)
                return
        gone = kept.delete(id)
    if as_json:
        print_json({"deleted": plain(gone)})
    else:
        recordings = f" and {_counted(len(gone.recordings), 'recording')}" if gone.recordings else ""
        click.echo(f"Deleted session {gone.session}: {_counted(gone.turns, 'turn')}{recordings}.")


@contextmanager
def _opened() -> Iterator[History]:
    from companion.store.history import History

    kept = History(Home.locate())
    try:
        yield kept
    finally:
        kept.close()


def _teach() -> None:
    click.echo(
        "Nothing has been kept yet. Begin with:\n\n    companion quiz\n\n"
        "Every question, answer and mark is then kept here, on this machine only:\n"
        f"{Home.locate().database}"
    )


def _write_whole(path: Path, text: str, force: bool) -> None:
    """Write beside the file, then put it in its place: a reader sees the old file or the whole new one."""
    import os
    import tempfile

    if path.is_dir():
        raise HistoryError(f"{path} is a folder.", hint="Name a file in it.")
    if path.exists() and not force:
        raise HistoryError(f"{path} is already there.", hint="Add --force to overwrite it, or choose another name.")
    begun: Path | None = None
    try:
        # mkstemp makes a file that only its owner can read: it holds what someone said.
        number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        begun = Path(name)
        with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        begun.replace(path)
        begun = None
    except OSError as error:
        raise HistoryError(
            f"{path} cannot be written: {error.strerror}.", hint="Nothing was written; choose another folder or disk."
        ) from error
    finally:
        if begun is not None:
            begun.unlink(missing_ok=True)


def percent(score: float | None) -> str:
    """A score from 0 to 1 as people write it; a dash where there is none."""
    return "–" if score is None else f"{score:.0%}"


def _when(at: datetime) -> str:
    return f"{at.astimezone():%d %b %Y %H:%M}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
