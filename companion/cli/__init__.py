"""The command line: one file a command, each imported only when it is run."""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import NoReturn

import click

from companion import __version__
from companion.core.errors import CompanionError

COMMANDS = {
    "quiz": ("companion.cli.quiz:quiz", "Hear a case, answer aloud, hear what was right and what was missed."),
    "explain": ("companion.cli.explain:explain", "Hear a finding explained, and ask about it."),
    "grade": ("companion.cli.grade:grade", "Mark a written answer to a question of a case."),
    "transcribe": ("companion.cli.transcribe:transcribe", "Write down what is said in an audio file."),
    "say": ("companion.cli.say:say", "Speak a text, or write it to a WAV file."),
    "decks": ("companion.cli.decks:decks", "List, show and check decks of cases and findings."),
    "voices": ("companion.cli.voices:voices", "List and preview the voices the tutor can speak in."),
    "models": ("companion.cli.models:models", "List, fetch, verify and remove model weights."),
    "history": ("companion.cli.history:history", "Look through past sessions; export or delete them."),
    "doctor": ("companion.cli.doctor:doctor", "Tell what works here, what does not, and how to mend it."),
    "bench": ("companion.cli.bench:bench", "Measure latency by stage on this machine."),
}
"""Each command's place and its line of help, so that ``--help`` imports none of them."""


class LazyGroup(click.Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table itself, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="companion")
@click.pass_context
def companion(ctx: click.Context) -> None:
    """A voice tutor for medical trainees that runs wholly on this machine.

    Education only: the patients are fictional, and nothing here is advice about a real one.
    Without a command it starts a spoken quiz.
    """
    if ctx.invoked_subcommand is None:
        quiz = companion.get_command(ctx, "quiz")
        assert quiz is not None
        ctx.invoke(quiz)


def main(argv: list[str] | None = None) -> None:
    """Run the command line: 0 done, 1 a check failed or nobody reads on, 2 an error told in words, 130 Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A sign that a terminal cannot show is no reason to stop.
            stream.reconfigure(errors="replace")
    try:
        status = companion.main(argv, prog_name="companion", standalone_mode=False)
    except CompanionError as error:
        from companion.cli.output import show_error

        show_error(error)
        status = 2
    except click.ClickException as error:
        error.show()
        status = 2
    except (KeyboardInterrupt, click.Abort):
        click.echo("Stopped.", err=True)
        status = 130
    except OSError as error:
        from companion.cli.output import show_error

        show_error(_of_the_system(error))
        status = 2
    except SystemExit as ended:
        # click ends so, quietly, when nobody reads what it prints.
        status = ended.code
    _leave(status if isinstance(status, int) else 0)


def _of_the_system(error: OSError) -> CompanionError:
    where = f"{error.filename}: " if error.filename else ""
    return CompanionError(f"{where}{error.strerror or error}.", hint="Is the disk full, or may you not write there?")


def _leave(status: int) -> NoReturn:
    try:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    except OSError:
        # It was told, or nobody listens; Python would try again as it ends, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    owners = sys.modules.get("companion.engines.owner_thread")
    if owners is not None and owners.left_behind():
        os._exit(status)
    sys.exit(status)
