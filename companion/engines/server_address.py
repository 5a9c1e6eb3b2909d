"""Where a language model server may be: on this machine, or elsewhere by the user's word for word consent."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from companion.core.errors import SettingsError

if TYPE_CHECKING:
    import httpx

CONSENT = "send my words to another machine"
"""What ``allow_remote`` must say, word for word, before anything leaves this machine."""


def allowed_addresses(url: str, allow_remote: str) -> list[httpx.URL]:
    """The addresses to try. Raises ``SettingsError`` for one beyond this machine without the user's consent.

    A name is never looked up: “localhost” is replaced by the loopback addresses themselves, so that
    what was checked is what is connected to.
    """
    import httpx

    try:
        parsed = httpx.URL(url + "/")
    except (httpx.InvalidURL, ValueError) as error:
        raise SettingsError(f"endpoint_url “{url}” is no address: {error}.") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise SettingsError(f"endpoint_url “{url}” is no address.", hint="It looks like http://127.0.0.1:11434/v1.")
    if parsed.host == "localhost":
        return [parsed.copy_with(host="127.0.0.1"), parsed.copy_with(host="::1")]
    try:
        here = ipaddress.ip_address(parsed.host).is_loopback
    except ValueError:
        here = False
    if not here and allow_remote != CONSENT:
        raise SettingsError(
            f"endpoint_url “{url}” is not on this machine, and what you say must not leave it.",
            hint=f'Use an address such as http://127.0.0.1:11434/v1, or set allow_remote_endpoint = "{CONSENT}".',
        )
    return [parsed]
