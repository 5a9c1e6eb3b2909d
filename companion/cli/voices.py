"""``companion voices``: the voices the tutor can speak in."""

from __future__ import annotations

import click

from companion.cli.output import json_option, print_json, print_table

SAMPLE = "Hello. I will read you a case, listen to your answer, and tell you what you had right and what you missed."


@click.group()
def voices() -> None:
    """List and preview the voices the tutor can speak in."""


@voices.command("list")
@json_option
def list_voices(as_json: bool) -> None:
    """List the stock voices."""
    from dataclasses import asdict

    from companion.cli.setting import settings
    from companion.home import Home
    from companion.store.stock_voices import stock_voices

    chosen = settings(Home.locate()).voice
    known = stock_voices()
    if as_json:
        print_json({"voices": [{**asdict(voice), "chosen": voice.name == chosen} for voice in known]})
        return
    rows = [["*" if v.name == chosen else "", v.name, v.accent, v.description, v.licence] for v in known]
    print_table(["", "Name", "Accent", "Description", "Licence"], rows)


@voices.command()
@click.argument("name")
@click.option("--text", default=SAMPLE, help="What to say.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write a WAV file instead.")
@json_option
@click.pass_context
def preview(ctx: click.Context, name: str, text: str, output: str | None, as_json: bool) -> None:
    """Hear the voice NAME."""
    from pathlib import Path

    from companion.cli.say import say

    path = None if output is None else Path(output)
    ctx.invoke(say, text=text, output=path, voice=name, speed=None, show_spoken=False, as_json=as_json)
