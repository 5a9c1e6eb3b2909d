"""What commands share: the home, the settings with typed flags, and one engine brought up."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

from companion.home import Home
from companion.session.startup import Engines, Part, Startup
from companion.settings import Settings
from companion.store.stock_voices import stock_voice


def settings(home: Home, **flags: Any) -> Settings:
    """The settings of ``home`` and the environment, with what was typed on top; a voice that was typed must exist."""
    if flags.get("voice") not in (None, "none"):
        stock_voice(flags["voice"])
    return Settings.load(home.config, flags=flags)


def need(home: Home, chosen: Settings, part: Part) -> Engines:
    """Bring up the one engine a command is about; its loss is an error, not a notice."""

    async def bring() -> Engines:
        startup = Startup(home, chosen)
        async with aclosing(startup.bring_up(part)) as reports:
            async for report in reports:
                if report.error is not None:
                    raise report.error
        return startup.engines

    return asyncio.run(bring())
