"""Misheard words are recognised, and near twins never taken for each other."""

from __future__ import annotations

import itertools

import pytest

from companion.core import near_twins
from companion.core.answer_text import fold, level
from companion.core.near_twins import sisters, twins
from companion.core.sound_alike import alike


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("parecarditis", "pericarditis"),
        ("neomithorax", "pneumothorax"),
        ("ketosidosis", "ketoacidosis"),
        ("asprin", "aspirin"),
        ("tropinin", "troponin"),
        ("ramiprel", "ramipril"),
        ("metaprolol", "metoprolol"),
        ("lisinapril", "lisinopril"),
        ("infraction", "infarction"),
        ("corinary", "coronary"),
        ("rivaroxiban", "rivaroxaban"),
        ("respitory", "respiratory"),
        ("vain", "vein"),
        ("sells", "cells"),
        ("alterplase", "alteplase"),
        ("newmonia", "pneumonia"),
        ("cusmal", "kussmaul"),
    ],
)
def test_what_whisper_makes_of_a_word_is_that_word(heard: str, meant: str) -> None:
    assert alike(level(heard), level(meant)) or alike(fold(heard), fold(meant))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hyperkalaemia", "hypokalaemia"),
        ("hypercalcaemia", "hypocalcaemia"),
        ("hyperthyroid", "hypothyroid"),
        ("hypertension", "hypotension"),
        ("intracranial", "extracranial"),
        ("tachycardia", "bradycardia"),
        ("ramipril", "lisinopril"),
        ("ramipril", "enalapril"),
        ("bisoprolol", "metoprolol"),
        ("atenolol", "labetalol"),
        ("simvastatin", "pravastatin"),
        ("cefuroxime", "ceftriaxone"),
        ("symptomatic", "asymptomatic"),
        ("typical", "atypical"),
        ("stable", "unstable"),
        ("infection", "infarction"),
        ("perfusion", "effusion"),
        ("sailing", "swimming"),
        ("heart", "heat"),
        ("120", "121"),
    ],
)
def test_near_twins_are_never_alike(one: str, other: str) -> None:
    for said, meant in ((one, other), (other, one)):
        assert not alike(level(said), level(meant))


def test_no_two_words_of_one_group_are_alike() -> None:
    for group in near_twins._GROUPS.strip().splitlines():
        for one, other in itertools.permutations({level(fold(word)) for word in group.split()}, 2):
            assert twins(one, other), (one, other)
            assert not alike(one, other), (one, other)


def test_a_word_between_two_twins_belongs_to_neither() -> None:
    assert not alike("interior", "inferior")
    assert "anterior" in sisters("inferior")
