from __future__ import annotations

import json
from datetime import UTC, datetime

from companion import __version__
from companion.models.catalogue import load_catalogue
from companion.models.terms import accept, needs_acceptance
from tests.models.conftest import Workshop


def at_noon() -> datetime:
    return datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_what_was_accepted_when_and_with_which_version_is_kept(workshop: Workshop) -> None:
    model = workshop.catalogue["small"]
    assert needs_acceptance(workshop.home, model)
    accept(workshop.home, model, at_noon)
    assert not needs_acceptance(workshop.home, model)
    assert json.loads((workshop.home.models / "terms.json").read_text())["small"] == {
        "model": "small",
        "licence": "Strict terms",
        "terms": "https://example.org/terms",
        "accepted": "2026-11-21T12:00:00+00:00",
        "version": __version__,
    }


def test_terms_are_accepted_once_for_all_models_under_them(workshop: Workshop) -> None:
    catalogue = load_catalogue()
    accept(workshop.home, catalogue["gemma-3-270m"], at_noon)
    assert not needs_acceptance(workshop.home, catalogue["gemma-3-1b-it"])
    assert needs_acceptance(workshop.home, catalogue["medgemma-1.5-4b-it-mlx"])


def test_a_free_licence_needs_no_acceptance(workshop: Workshop) -> None:
    assert not needs_acceptance(workshop.home, workshop.catalogue["hub-only"])


def test_a_damaged_record_asks_again(workshop: Workshop) -> None:
    workshop.home.models.mkdir(parents=True)
    (workshop.home.models / "terms.json").write_text("{half a rec")
    assert needs_acceptance(workshop.home, workshop.catalogue["small"])
    accept(workshop.home, workshop.catalogue["small"], at_noon)
    assert not needs_acceptance(workshop.home, workshop.catalogue["small"])
