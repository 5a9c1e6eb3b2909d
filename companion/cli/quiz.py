"""``companion quiz``: cases asked and answered aloud."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from companion.cli.output import json_option

if TYPE_CHECKING:
    from companion.core.case import Case
    from companion.store.deck_library import DeckLibrary

DISCLAIMER = "Education only. The patients are fictional; nothing here is advice about a real one."


@click.command()
@click.argument("deck", required=False)
@click.option("--case", "case_id", help="One case, by its id.")
@click.option("--limit", type=click.IntRange(1), help="Questions at most.")
@click.option("--text", is_flag=True, help="Type the answers and read the replies: no sound.")
@click.option(
    "--answer-audio",
    type=click.Path(path_type=Path),
    multiple=True,
    help="An audio file that stands for the microphone; repeat it for further answers.",
)
@click.option("--speech-dir", type=click.Path(path_type=Path, file_okay=False), help="Write the speech here, as WAV.")
@click.option(
    "--pace", type=click.Choice(["realtime", "fast"]), default="realtime", help="How files are fed and written."
)
@click.option("--voice", help="A voice of `companion voices list`.")
@json_option
def quiz(
    deck: str | None = None,
    case_id: str | None = None,
    limit: int | None = None,
    text: bool = False,
    answer_audio: tuple[Path, ...] = (),
    speech_dir: Path | None = None,
    pace: str = "realtime",
    voice: str | None = None,
    as_json: bool = False,
) -> None:
    """Hear a case, answer aloud, hear what was right and what was missed.

    Without DECK every deck is asked. With --answer-audio and --speech-dir a whole spoken quiz runs
    without a sound device.
    """
    import asyncio
    import random

    from companion.cli.conversation import Conversation, Talk, Way
    from companion.cli.setting import settings
    from companion.cli.view import JsonView, TextView
    from companion.core.errors import CompanionError
    from companion.home import Home
    from companion.session.quiz import Quiz
    from companion.session.vocabulary import listening_prompt
    from companion.store.deck_library import DeckLibrary

    if text and answer_audio:
        raise CompanionError(
            "Answers cannot be both typed and spoken.", hint="Leave out --text or --answer-audio.", title="Choose one"
        )
    home = Home.locate()
    chosen = settings(home, voice=voice)
    library = DeckLibrary.of(home)
    cases = _cases(library, deck, case_id)
    way = Way(text, text and speech_dir is None, answer_audio, speech_dir, "fast" if pace == "fast" else "realtime")
    way.check()
    view = JsonView() if as_json else TextView(lambda c, q: {p.id: p for p in library.question(c, q).key_points})
    if not as_json:
        click.echo(DISCLAIMER)
        for case in cases:
            by = f"reviewed by {case.reviewed_by}" if case.reviewed_by else "not reviewed by a clinician"
            click.echo(f"  {case.title} ({case.id}): {by}")
    prompt = listening_prompt([case for deck in library.decks for case in deck.cases])

    def session(talk: Talk):  # type: ignore[no-untyped-def]
        seed = random.SystemRandom().randrange(2**31)
        # A question that no file is left to answer is not asked.
        most = min(limit or len(answer_audio), len(answer_audio)) if answer_audio else limit
        return Quiz(cases, talk.ear, talk.mouths, talk.mind, most, seed).events()

    conversation = Conversation(home, chosen, library, way, view)
    asyncio.run(conversation.run("quiz", deck, prompt, session))


def _cases(library: DeckLibrary, deck: str | None, case_id: str | None) -> tuple[Case, ...]:
    from companion.core.errors import DeckError

    if deck is None:
        return (library.case(case_id),) if case_id else tuple(case for d in library.decks for case in d.cases)
    cases = library.deck(deck).cases
    if not cases:
        raise DeckError(
            f"The deck “{deck}” holds no cases to be quizzed on.", hint="Hear its findings: companion explain."
        )
    if case_id is None:
        return cases
    case = library.case(case_id)
    if case not in cases:
        other = library.deck_of(case_id).name
        raise DeckError(f"The case “{case_id}” is not in the deck “{deck}”.", hint=f"It is in “{other}”.")
    return (case,)
