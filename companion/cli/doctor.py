"""``companion doctor``: what works here."""

from __future__ import annotations

import click

from companion.cli.output import json_option, print_json


@click.command()
@json_option
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Tell what works here, what does not, and how to mend it.

    Engines really run for a second. The exit code is 1 if something that is installed is broken;
    what is merely missing only limits what Companion can do.
    """
    import asyncio
    from dataclasses import asdict

    from companion.cli.setting import settings
    from companion.home import Home
    from companion.session.checkup import Check, State, checkup

    home = Home.locate()
    signs = {State.WORKS: "✓", State.LIMITED: "!", State.BROKEN: "✗"}

    async def run() -> list[Check]:
        checks = []
        async for check in checkup(home, settings(home)):
            checks.append(check)
            if not as_json:
                click.echo(f"{signs[check.state]} {check.state.value:<8} {check.name}: {check.found}")
                if check.remedy:
                    click.echo(f"           → {check.remedy}")
        return checks

    checks = asyncio.run(run())
    broken = any(check.state is State.BROKEN for check in checks)
    if as_json:
        print_json({"healthy": not broken, "checks": [asdict(check) for check in checks]})
    ctx.exit(1 if broken else 0)
