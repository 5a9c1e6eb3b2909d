from __future__ import annotations

import pytest

from companion.engines.server_address import CONSENT, allowed_addresses


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/v1", "http://127.8.9.1:1/v1", "http://[::1]:1/v1", "http://localhost:1"]
)
def test_every_form_of_loopback_is_allowed(url: str) -> None:
    assert allowed_addresses(url, "")


def test_another_machine_is_allowed_by_the_whole_sentence_only() -> None:
    assert [str(url) for url in allowed_addresses("http://192.168.1.7/v1", CONSENT)] == ["http://192.168.1.7/v1/"]
