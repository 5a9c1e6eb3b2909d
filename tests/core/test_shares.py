from __future__ import annotations

import numpy as np
import pytest

from companion.core.shares import begins_only, log_softmax, shares


def test_scores_become_probabilities_however_large_they_are() -> None:
    assert np.exp(log_softmax([1000.0, 1000.0])) == pytest.approx([0.5, 0.5])
    rows = np.exp(log_softmax([[0.0, 1.0, 2.0], [-1e4, 0.0, 1e4]]))
    assert rows.sum(axis=1) == pytest.approx([1.0, 1.0])


def test_answers_share_what_they_have_together() -> None:
    assert shares(["yes", "no"], [-1001.0, -1001.0]) == {"yes": 0.5, "no": 0.5}
    assert shares(["yes", "no"], [0.0, float(np.log(3))]) == pytest.approx({"yes": 0.25, "no": 0.75})


def test_a_token_speaks_for_the_one_answer_it_begins() -> None:
    assert begins_only("Y", "yes", ["yes", "no"])
    assert not begins_only("n", "no", ["no", "never"])
    assert not begins_only("maybe", "yes", ["yes", "no"])
