"""``companion explain``: findings explained from the decks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from companion.cli.output import json_option

if TYPE_CHECKING:
    from companion.core.finding import FindingsFile


@click.command()
@click.argument("topic", required=False)
@click.option("--case", "case_id", help="The case to talk of first, by its id.")
@click.option("--ask", multiple=True, help="A question to ask on; repeat it for more.")
@click.option(
    "--ask-audio", type=click.Path(path_type=Path), multiple=True, help="A spoken question, in an audio file."
)
@click.option("--speech-dir", type=click.Path(path_type=Path, file_okay=False), help="Write the speech here, as WAV.")
@click.option("--text", is_flag=True, help="Type and read: no sound.")
@click.option("--voice", help="A voice of `companion voices list`.")
@json_option
def explain(
    topic: str | None,
    case_id: str | None,
    ask: tuple[str, ...],
    ask_audio: tuple[Path, ...],
    speech_dir: Path | None,
    text: bool,
    voice: str | None,
    as_json: bool,
) -> None:
    """Hear a finding explained, and ask about it.

    TOPIC is a finding, in any words, or a word of a case; what is said comes from the decks.
    Without --ask or --ask-audio, further questions are spoken or typed until there are no more.
    """
    import asyncio

    from companion.cli.conversation import Conversation, Talk, Way, first_written
    from companion.cli.setting import settings
    from companion.cli.view import JsonView, TextView
    from companion.core.topics import Topics
    from companion.home import Home
    from companion.session.explain import Explanation
    from companion.session.vocabulary import listening_prompt
    from companion.store.deck_library import DeckLibrary

    home = Home.locate()
    chosen = settings(home, voice=voice)
    library = DeckLibrary.of(home)
    case = library.case(case_id) if case_id else None
    cases = [case for deck in library.decks for case in deck.cases]
    written = [request for request in (topic, *ask) if request]
    scripted = bool(ask or ask_audio)
    way = Way(text or (scripted and not ask_audio), text and speech_dir is None, ask_audio, speech_dir, "fast")
    way.check()
    if not as_json:
        _say_who_reviewed(library.findings_files)
    view = JsonView() if as_json else TextView(lambda c, q: {p.id: p for p in library.question(c, q).key_points})

    def session(talk: Talk):  # type: ignore[no-untyped-def]
        then = talk.ear if ask_audio or not scripted else None
        return Explanation(
            Topics(cases, library.findings_files), first_written(written, then), talk.mouths, case
        ).events()

    conversation = Conversation(home, chosen, library, way, view)
    asyncio.run(conversation.run("explain", None, listening_prompt(cases), session))


def _say_who_reviewed(files: Sequence[FindingsFile]) -> None:
    """Say that this is for learning, and which findings no clinician has signed."""
    from companion.cli.quiz import DISCLAIMER

    click.echo(DISCLAIMER)
    unsigned = [file.title for file in files if not file.reviewed_by]
    if unsigned:
        click.echo(f"  Not reviewed by a clinician: {'; '.join(unsigned)}.")
