"""``companion transcribe``: what is said in an audio file."""

from __future__ import annotations

from pathlib import Path

import click

from companion.cli.output import json_option, print_json


@click.command()
@click.argument("wav", type=click.Path(path_type=Path))
@click.option("--deck", help="A deck whose words to expect.")
@click.option("--model", help="A speech-in model other than the default.")
@json_option
def transcribe(wav: Path, deck: str | None, model: str | None, as_json: bool) -> None:
    """Write down what is said in an audio file.

    WAV may have any rate, any depth and any number of channels.
    """
    from contextlib import ExitStack

    from companion.cli.setting import need, settings
    from companion.core.cancel import Cancellation
    from companion.engines.wav import read_clip
    from companion.home import Home
    from companion.session.dictation import written_down
    from companion.session.vocabulary import listening_prompt
    from companion.store.deck_library import DeckLibrary

    home = Home.locate()
    clip = read_clip(wav)
    prompt = listening_prompt(DeckLibrary.of(home).deck(deck).cases) if deck else ""
    cancellation = Cancellation()
    cancelled = cancellation.token()
    with need(home, settings(home, recognizer_model=model), "recognizer") as engines, ExitStack() as ending:
        ending.callback(cancellation.cancel)
        assert engines.recognizer is not None and engines.detector is not None
        partial = None if as_json else lambda text: click.echo(text, err=True)
        heard = written_down(
            clip, engines.detector, engines.recognizer, prompt=prompt, cancelled=cancelled, on_partial=partial
        )
    if as_json:
        print_json(
            {
                "text": heard.text,
                "raw": heard.text,
                "audio_s": round(heard.audio_s, 3),
                "compute_s": round(heard.compute_s, 3),
            }
        )
    else:
        click.echo(heard.text or "(nothing was said)")
