from __future__ import annotations

from pathlib import Path

import pytest

from companion.core.errors import SettingsError
from companion.models.catalogue import load_catalogue
from companion.settings import Settings
from companion.store.stock_voices import StockVoice, stock_voice, stock_voices


def test_every_shipped_voice_has_all_a_person_wants_to_know() -> None:
    voices = stock_voices()
    assert len({voice.name for voice in voices}) == len(voices) == 28
    for voice in voices:
        assert voice.accent in ("American", "British")
        assert voice.description
        assert voice.licence == "Apache-2.0"


def test_the_default_voice_is_one_of_them() -> None:
    assert stock_voice(Settings().voice).name == Settings().voice


def test_every_voice_is_spoken_by_a_model_of_the_catalogue() -> None:
    catalogue = load_catalogue()
    assert {catalogue[voice.model].role for voice in stock_voices()} == {"voice"}


@pytest.mark.parametrize(("typed", "meant"), [("af_hart", "af_heart"), ("bm_gorge", "bm_george")])
def test_an_unknown_voice_offers_the_nearest(typed: str, meant: str) -> None:
    with pytest.raises(SettingsError) as error:
        stock_voice(typed)
    assert error.value.hint == f"Did you mean “{meant}”?"


def test_one_like_none_of_them_points_to_the_list() -> None:
    with pytest.raises(SettingsError) as error:
        stock_voice("???")
    assert error.value.hint == "See: companion voices list"


def test_a_file_gives_its_voices_what_they_share(tmp_path: Path) -> None:
    (tmp_path / "hum.toml").write_text(
        'engine = "hum"\nmodel = "hum-1"\nlicence = "MIT"\n'
        '[[voice]]\nname = "low"\naccent = "none"\ndescription = "a low hum"\n'
    )
    assert stock_voices(tmp_path) == (StockVoice("low", "none", "a low hum", "hum", "hum-1", "MIT"),)


def test_a_folder_without_voices_has_none(tmp_path: Path) -> None:
    assert stock_voices(tmp_path) == ()
