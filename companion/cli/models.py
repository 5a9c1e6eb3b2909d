"""``companion models``: list, fetch, verify and remove model weights."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import click

from companion.cli.output import json_option, print_json, print_table, show_error
from companion.core.errors import CompanionError, ModelError

if TYPE_CHECKING:
    from companion.home import Home
    from companion.models.catalogue import Catalogue, Model, Role
    from companion.models.progress import Report

ROLES = {"recognizer": "speech in", "language_model": "language", "voice": "voice"}


@click.group()
def models() -> None:
    """List, fetch, verify and remove model weights."""


@models.command("list")
@json_option
def list_models(as_json: bool) -> None:
    """Show every model: whether it is here, in use, or the best for this machine."""
    rows = _rows()
    if as_json:
        print_json({"models": rows})
        return
    columns = ["Name", "Role", "Size", "Licence", "State", "Notes"]
    cells = [
        [row["name"], ROLES[row["role"]], row["size_text"], row["licence"], row["state"], _notes(row)] for row in rows
    ]
    print_table(columns, cells, numeric=frozenset({"Size"}), whole=frozenset({"Name", "Size", "State"}))
    if any(row["checksum"] != "catalogue" for row in rows):
        click.echo("\npinned: the checksum is recorded at the first pull and rules from then on.", err=True)


@models.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--recommended", is_flag=True, help="The best for this machine, where the model hub can be reached.")
@click.option("--if-missing", is_flag=True, help="Pass over what is here, in silence and without reading it.")
@click.option("--accept-terms", is_flag=True, help="Accept the licences' terms, for scripts.")
@json_option
@click.pass_context
def pull(
    ctx: click.Context,
    names: tuple[str, ...],
    recommended: bool,
    if_missing: bool,
    accept_terms: bool,
    as_json: bool,
) -> None:
    """Fetch models; without a name the starter set, which needs no model hub.

    A pull that was cut goes on where it was. One that was not finished is never used.
    """
    from companion.home import Home
    from companion.models.catalogue import installed
    from companion.models.clients import default_clients
    from companion.models.pull import pull as pull_model

    home = Home.locate()
    clients = default_clients()
    failed: list[str] = []
    ready: list[str] = []
    try:
        for model in _wanted(names, recommended):
            if if_missing and installed(home, model):
                continue
            try:
                _settle_terms(home, model, accept_terms, as_json)
                with _shown(as_json) as report:
                    fetched = pull_model(home, model, clients, report)
            except CompanionError as error:
                failed.append(model.name)
                _tell_failure(model, error, as_json)
            else:
                ready.append(model.name)
                _tell_ready(model, fetched, as_json)
    except (KeyboardInterrupt, click.Abort):
        click.echo("What was fetched whole is kept: the same command goes on from there.", err=True)
        raise
    if as_json:
        print_json({"event": "finished", "ready": ready, "failed": failed})
    ctx.exit(2 if failed else 0)


@models.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@json_option
@click.pass_context
def verify(ctx: click.Context, names: tuple[str, ...], as_json: bool) -> None:
    """Read models against their checksums; without a name, the starter set and all that is here."""
    from companion.home import Home
    from companion.models.catalogue import load_catalogue, state
    from companion.models.machine import is_apple_silicon
    from companion.models.verify import verify as verify_model

    home, catalogue = Home.locate(), load_catalogue()
    starter = catalogue.starter(apple_silicon=is_apple_silicon())
    chosen = (
        [catalogue[name] for name in names]
        if names
        else [model for model in catalogue.values() if model in starter or state(home, model) != "missing"]
    )
    verdicts = [verify_model(home, model) for model in chosen]
    words = {"ready": "ok", "missing": "missing", "damaged": "damaged"}
    bad = [verdict.model for verdict in verdicts if verdict.state != "ready"]
    if as_json:
        checked = [{"name": v.model, "state": words[v.state], "faults": list(v.faults)} for v in verdicts]
        print_json({"ok": not bad, "models": checked})
    else:
        print_table(["Name", "State", "Faults"], [[v.model, words[v.state], "; ".join(v.faults)] for v in verdicts])
        if bad:
            click.echo(f"To mend: companion models pull {' '.join(bad)}", err=True)
    ctx.exit(1 if bad else 0)


@models.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def remove(name: str, yes: bool, as_json: bool) -> None:
    """Delete a model from this machine."""
    from companion.home import Home
    from companion.models.catalogue import load_catalogue, model_folder
    from companion.models.faults import megabytes
    from companion.models.verify import remove as remove_model

    home = Home.locate()
    model = load_catalogue()[name]
    if not yes and model_folder(home, model).exists():
        if as_json or not sys.stdin.isatty():
            raise ModelError(f"{name} was not removed: nobody was there to confirm.", hint="Add --yes.")
        click.confirm(f"Delete {model.title} ({name})?", abort=True, err=True)
    freed = remove_model(home, model)
    if as_json:
        print_json({"removed": name, "freed_bytes": freed})
    else:
        click.echo(f"{name} is deleted; {megabytes(freed)} are free again.")


def _rows() -> list[dict[str, Any]]:
    from companion.home import Home
    from companion.models.catalogue import installed_names, load_catalogue, state
    from companion.models.choice import recommended_here as recommended
    from companion.models.faults import megabytes
    from companion.models.machine import this_machine

    home, catalogue, machine = Home.locate(), load_catalogue(), this_machine()
    used = _names_in_use(home, catalogue, installed_names(home, catalogue))
    starter = catalogue.starter(apple_silicon=machine.apple_silicon)
    best = [choice.name for model in starter if (choice := recommended(catalogue, model.role, machine))]
    return [
        {
            "name": model.name,
            "title": model.title,
            "role": model.role,
            "engine": model.engine,
            "size_bytes": model.size,
            "size_text": ("~" if model.about else "") + megabytes(model.size),
            "memory_bytes": model.memory,
            "licence": model.licence,
            "terms": model.terms,
            "state": state(home, model),
            "in_use": model.name in used,
            "recommended": model.name in best,
            "starter": model in starter,
            "checksum": model.checksum,
        }
        for model in catalogue.values()
    ]


def _notes(row: dict[str, Any]) -> str:
    told = {"in use": row["in_use"], "suggested": row["recommended"], "pinned": row["checksum"] != "catalogue"}
    return ", ".join(word for word, true in told.items() if true)


def _names_in_use(home: Home, catalogue: Catalogue, ready: set[str]) -> set[str]:
    """The models that a session would load with the present settings."""
    from companion.models.choice import selected
    from companion.models.machine import this_machine
    from companion.settings import Settings

    settings, machine = Settings.load(home.config), this_machine()
    voice = "none" if settings.voice == "none" else "auto"
    names = set()
    wanted: dict[Role, str] = {
        "recognizer": settings.recognizer_model,
        "language_model": settings.language_model,
        "voice": voice,
    }
    for role, setting in wanted.items():
        model = selected(
            catalogue,
            role,
            setting,
            ready=ready,
            memory_bytes=machine.memory_bytes,
            apple_silicon=machine.apple_silicon,
        )
        if model and model.name in ready:
            names.add(model.name)
    return names


def _wanted(names: tuple[str, ...], best: bool) -> list[Model]:
    from companion.models.catalogue import load_catalogue
    from companion.models.choice import recommended_here as recommended
    from companion.models.machine import this_machine

    catalogue, machine = load_catalogue(), this_machine()
    starter = catalogue.starter(apple_silicon=machine.apple_silicon)
    if names:
        return [catalogue[name] for name in dict.fromkeys(names)]
    if not best:
        return list(starter)
    # The starter set comes first, so that there is something to work with if the hub is out of reach.
    better = [choice for model in starter if (choice := recommended(catalogue, model.role, machine))]
    return list(dict.fromkeys([*starter, *better]))


def _settle_terms(home: Home, model: Model, accept_terms: bool, as_json: bool) -> None:
    """Have the terms accepted, where they need it and the model is not here already; else raise ``ModelError``."""
    from companion.models.catalogue import installed
    from companion.models.pull import utc_now
    from companion.models.terms import accept, needs_acceptance, refused

    if installed(home, model) or not needs_acceptance(home, model):
        return
    if not as_json:
        click.echo(f"{model.title}: {model.licence}, {model.terms}\n  {model.summary}", err=True)
    if not accept_terms:
        if as_json or not sys.stdin.isatty():
            raise refused(model)
        if not click.confirm("Do you accept these terms?", err=True):
            raise refused(model)
    accept(home, model, utc_now)


def _shown(as_json: bool) -> AbstractContextManager[Report]:
    from companion.cli.pull_progress import JsonLines, ProgressBars

    return JsonLines() if as_json else ProgressBars()


def _tell_failure(model: Model, error: CompanionError, as_json: bool) -> None:
    if as_json:
        print_json({"event": "failed", "model": model.name, "message": error.message, "hint": error.hint})
    else:
        show_error(error)


def _tell_ready(model: Model, fetched: bool, as_json: bool) -> None:
    from companion.models.faults import megabytes

    if as_json:
        print_json({"event": "ready", "model": model.name, "fetched": fetched, "bytes": model.size})
        return
    about = "about " if model.about else ""
    how = "fetched and checked" if fetched else "already here, and its checksums are right"
    click.echo(f"{model.name}: {how} ({about}{megabytes(model.size)}).", err=True)
    if fetched and model.checksum == "from-hub":
        click.echo("  Its checksums are the hub's own, recorded now: later changes will be noticed.", err=True)
