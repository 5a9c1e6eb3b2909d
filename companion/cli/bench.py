"""``companion bench``: latency by stage on this machine."""

from __future__ import annotations

import click

from companion.cli.output import json_option, print_json, print_table


@click.command()
@click.option("-n", "count", type=click.IntRange(1), default=10, help="Spoken answers (10).")
@json_option
def bench(count: int, as_json: bool) -> None:
    """Measure latency by stage on this machine.

    Spoken answers go through the whole path in real time.
    Latency runs from the true end of speech to the first sample of the reply. The overhead
    compares it with the same library calls made bare, in the same run, on the same inputs.
    """
    import asyncio

    from companion.cli.setting import settings
    from companion.core.errors import EngineError
    from companion.core.events import Notice
    from companion.home import Home
    from companion.models.machine import described, peak_rss_mb
    from companion.session.bench import Result, Sample
    from companion.session.bench import bench as run_bench
    from companion.session.startup import Startup
    from companion.store.deck_library import DeckLibrary

    home = Home.locate()
    cases = [case for deck in DeckLibrary.of(home).decks for case in deck.cases]

    async def run() -> Result:
        startup = Startup(home, settings(home))
        samples: list[Sample] = []
        with startup.engines:
            async for report in startup.bring_up("recognizer", "voice", "language_model"):
                if report.notice is not None:
                    click.echo(f"! {report.notice.message} {report.notice.hint}", err=True)
            async for found in run_bench(startup.engines, cases, count):
                if isinstance(found, Notice):
                    raise EngineError(found.message, hint=found.hint)
                samples.append(found)
                click.echo(
                    f"{len(samples)}/{count}: first audio after {found.first_audio_s:.2f} s "
                    f"(bare calls {found.bare_s:.2f} s)",
                    err=True,
                )
        return Result(tuple(samples))

    result = asyncio.run(run())
    rows = {"first_audio_latency_s": result.first_audio, **result.stages}
    peak = peak_rss_mb()
    if as_json:
        print_json(
            {
                "machine": described(),
                "n": len(result.samples),
                "first_audio_latency_s": _figures(result.first_audio),
                "stages": {name: _figures(spread) for name, spread in result.stages.items()},
                "overhead_ratio": round(result.overhead_ratio, 3),
                "peak_rss_mb": round(peak),
            }
        )
        return
    click.echo(f"{described()}; {len(result.samples)} answers")
    print_table(
        ["Seconds", "min", "median", "p95"],
        [[name, f"{s.min:.3f}", f"{s.median:.3f}", f"{s.p95:.3f}"] for name, s in rows.items()],
        numeric=frozenset({"min", "median", "p95"}),
    )
    click.echo(f"Over the bare library calls: {result.overhead_ratio:.2f} times. Peak memory: {peak:.0f} MB.")


def _figures(spread: object) -> dict[str, float]:
    return {name: round(getattr(spread, name), 4) for name in ("min", "median", "p95")}
