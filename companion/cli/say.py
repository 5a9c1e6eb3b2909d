"""``companion say``: a text, spoken."""

from __future__ import annotations

import time
from pathlib import Path

import click

from companion.cli.output import json_option, print_json


@click.command()
@click.argument("text")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write a WAV file instead.")
@click.option("--voice", help="A voice of `companion voices list`.")
@click.option("--speed", type=float, help="Speaking rate, 0.5 to 2.")
@click.option("--show-spoken", is_flag=True, help="Print how the text is read out; sound only with -o.")
@json_option
def say(
    text: str, output: Path | None, voice: str | None, speed: float | None, show_spoken: bool, as_json: bool
) -> None:
    """Speak a text, or write it to a WAV file.

    TEXT is read as the tutor would: written medicine in words.
    """
    from contextlib import ExitStack

    from companion.cli.setting import need, settings
    from companion.core.clip import Clip
    from companion.core.errors import CompanionError, EngineError
    from companion.core.sentences import split_clauses
    from companion.core.spoken import spoken
    from companion.engines.devices import find_device
    from companion.engines.speaker import PortAudioSpeaker
    from companion.engines.wav import write_wav
    from companion.home import Home

    clauses = [spoken(clause) for clause in split_clauses(text)]
    words = " ".join(clauses)
    if show_spoken and not as_json:
        click.echo(words)
    if show_spoken and output is None:
        if as_json:
            print_json({"spoken": words, "path": None, "audio_s": 0.0, "compute_s": 0.0, "first_audio_s": None})
        return

    home = Home.locate()
    chosen = settings(home, voice=voice, speed=speed)
    if not any(character.isalnum() for character in words):
        raise CompanionError("There is nothing to say in this text.", hint="Give some words: companion say “Good.”")
    if output is None:
        # A voice takes seconds to load; that nobody can hear it is known at once.
        find_device("output", chosen.speaker)
    with need(home, chosen, "voice") as engines, ExitStack() as ending:
        if engines.voice is None:
            raise EngineError("The voice is set to “none”.", hint="Choose one: companion say --voice af_heart …")
        speaker = None
        if output is None:
            speaker = PortAudioSpeaker(chosen.speaker)
            ending.callback(speaker.close)
            speaker.begin()
        began = time.perf_counter()
        first_audio_s: float | None = None
        clips: list[Clip] = []
        for clause in clauses:
            for clip in engines.voice.run(lambda engine, clause=clause: list(engine.speak(clause))):  # type: ignore[misc]
                if first_audio_s is None:
                    first_audio_s = time.perf_counter() - began
                clips.append(clip)
                if speaker is not None:
                    speaker.play(clip)
        compute_s = time.perf_counter() - began
        if speaker is not None:
            speaker.finish()
    whole = Clip.join(clips, 24_000)
    if output is not None:
        write_wav(output, whole)
    if as_json:
        print_json(
            {
                "spoken": words,
                "path": None if output is None else str(output),
                "audio_s": round(whole.seconds, 3),
                "compute_s": round(compute_s, 3),
                "first_audio_s": None if first_audio_s is None else round(first_audio_s, 3),
            }
        )
    elif output is not None:
        click.echo(f"{output}: {whole.seconds:.1f} s of speech.")
