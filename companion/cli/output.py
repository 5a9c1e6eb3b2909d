"""What every command prints with: JSON for scripts, one panel for errors, tables for people."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from companion.core.errors import CompanionError

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """The ``--json`` flag, given to the command as ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")(command)


def print_json(value: object) -> None:
    """One JSON object on one line, flushed so that a reading program sees it at once."""
    click.echo(json.dumps(value, ensure_ascii=False))
    sys.stdout.flush()


def show_error(error: CompanionError) -> None:
    """One panel on stderr: the title, what happened, what to do."""
    from rich.console import Console
    from rich.panel import Panel
    from rich.text import Text

    body = Text(error.message)
    if error.hint:
        body.append("\n\n" + error.hint, style="bold")
    Console(stderr=True).print(Panel(body, title=error.title, title_align="left", border_style="red"))


def print_table(
    columns: list[str],
    rows: list[list[str]],
    *,
    numeric: frozenset[str] = frozenset(),
    whole: frozenset[str] = frozenset(),
) -> None:
    """A plain table on stdout; columns in ``numeric`` are aligned right, those in ``whole`` never cut."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in numeric else "left", no_wrap=column in whole)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)
