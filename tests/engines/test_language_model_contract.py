"""What every language model must do, the fake included, so that it cannot drift from the real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import pytest

from companion.core.errors import EngineError
from companion.core.prompting import Message
from companion.engines.owner_thread import OwnerThread
from companion.engines.protocols import LanguageModel
from tests.engines.chat_server import ChatServer, serving
from tests.fakes.language_model import ScriptedLanguageModel
from tests.mlx_weights import converted_gemma

COUNTING = [Message("user", "one, two, three, four, five, six, seven, eight, nine, ten, eleven,")]
COUNTED = "twelve, thirteen, fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty"
LIKELY = {"Paris": 0.9, "London": 0.05, "banana": 0.0001}
CAPITAL = [Message("user", "The capital of France is")]


def fake() -> LanguageModel:
    return ScriptedLanguageModel(COUNTED, likely=LIKELY, context=500)


def llama(starter_models: Path) -> LanguageModel:
    from companion.engines.llama import LlamaModel

    return LlamaModel(starter_models / "gemma-3-270m" / "gemma-3-270m-q4_k_m.gguf", context=512)


def mlx(starter_models: Path) -> LanguageModel:
    from companion.engines.mlx import MlxModel

    # A short context: without a GPU, MLX reads only some twenty tokens a second.
    return MlxModel(converted_gemma(starter_models), context=128)


def endpoint(url: str) -> LanguageModel:
    from companion.engines.endpoint import EndpointModel

    return EndpointModel(url, context=512)


Build = Callable[[], LanguageModel]

_used: dict[str, LanguageModel] = {}


@pytest.fixture(scope="module", autouse=True)
def shared() -> Iterator[ExitStack]:
    """Real weights are read once for the whole suite."""
    with ExitStack() as stack:
        yield stack
    for model in _used.values():
        model.close()
    _used.clear()


@pytest.fixture(
    params=[
        "fake",
        "endpoint",
        pytest.param("llama", marks=pytest.mark.models),
        pytest.param("mlx", marks=[pytest.mark.models, pytest.mark.slow]),
    ]
)
def build(request: pytest.FixtureRequest, shared: ExitStack) -> Build:
    if request.param == "fake":
        return fake
    if request.param == "endpoint":
        server = shared.enter_context(serving(ChatServer(COUNTED, LIKELY)))
        return lambda: endpoint(server.url)
    models = request.getfixturevalue("starter_models")
    real = {"llama": llama, "mlx": mlx}[request.param]
    return lambda: real(models)


@pytest.fixture
def model(build: Build, request: pytest.FixtureRequest, shared: ExitStack) -> LanguageModel:
    name = request.node.callspec.params["build"]
    if name in ("fake", "endpoint"):
        fresh = build()
        shared.callback(fresh.close)
        return fresh
    if name not in _used:
        _used[name] = build()
        _used[name].load()
    return _used[name]


def test_text_comes_in_pieces_and_in_order(model: LanguageModel) -> None:
    pieces = list(model.reply(COUNTING, max_tokens=12))
    assert len(pieces) > 3
    assert all(pieces)
    assert "".join(pieces).startswith("twelve, thirteen, fourteen")


def test_the_same_question_gets_the_same_reply(model: LanguageModel) -> None:
    first = "".join(model.reply(COUNTING, max_tokens=6))
    assert "".join(model.reply(COUNTING, max_tokens=6)) == first


def test_a_reply_has_no_more_tokens_than_asked_for(model: LanguageModel) -> None:
    assert 1 <= len(list(model.reply(COUNTING, max_tokens=2))) <= 2
    assert list(model.reply(COUNTING, max_tokens=0)) == []


def test_a_stop_string_ends_the_reply_and_is_not_given_out(model: LanguageModel) -> None:
    said = "".join(model.reply(COUNTING, max_tokens=12, stop=["fourteen"]))
    assert said.rstrip() == "twelve, thirteen,"


def test_a_stop_string_split_across_tokens_is_not_given_out(model: LanguageModel) -> None:
    pieces = list(model.reply(COUNTING, max_tokens=12, stop=["een, fourt"]))
    assert "".join(pieces) == "twelve, thirt"


def test_cancelling_stops_within_one_token(model: LanguageModel) -> None:
    cancelled = False
    stream = model.reply(COUNTING, max_tokens=12, cancelled=lambda: cancelled)
    next(stream)
    cancelled = True
    assert len(list(stream)) <= 1


def test_a_reply_cancelled_before_it_begins_says_nothing(model: LanguageModel) -> None:
    assert list(model.reply(COUNTING, max_tokens=12, cancelled=lambda: True)) == []


def test_a_reply_left_early_does_not_disturb_the_next(model: LanguageModel) -> None:
    left = model.reply(COUNTING, max_tokens=12)
    next(left)
    assert "".join(model.reply(COUNTING, max_tokens=6)).startswith("twelve")


@pytest.mark.parametrize("messages", [[], [Message("user", "")], [Message("system", " "), Message("user", "\n")]])
def test_nothing_asked_is_nothing_said(model: LanguageModel, messages: list[Message]) -> None:
    assert list(model.reply(messages)) == []


def test_any_script_and_any_character_may_be_asked(model: LanguageModel) -> None:
    strange = "Ω≈ç√ 心电图 🫀 e\u0301 \u202e \x00 <eos> <|im_end|> {{ bos_token }} \ud83d"
    said = "".join(model.reply([Message("user", strange)], max_tokens=3))
    said.encode("utf-8")


def test_of_a_long_conversation_the_oldest_part_is_left_out(model: LanguageModel) -> None:
    old = [Message("user", "The patient slept well and has no pain. " * 4) for _ in range(40)]
    assert "".join(model.reply([*old, *COUNTING], max_tokens=4)).startswith("twelve")


def test_a_single_text_that_is_too_long_is_refused_in_words(model: LanguageModel) -> None:
    with pytest.raises(EngineError, match="too long"):
        list(model.reply([Message("user", "chest pain " * 2000)]))
    assert "".join(model.reply(COUNTING, max_tokens=4)).startswith("twelve")


def test_probabilities_sum_to_one_and_prefer_the_obvious(model: LanguageModel) -> None:
    likely = model.probability(CAPITAL, ["banana", "Paris", "London"])
    assert list(likely) == ["banana", "Paris", "London"]
    assert sum(likely.values()) == pytest.approx(1)
    assert likely["Paris"] > likely["London"] > likely["banana"]


def test_the_order_of_the_answers_does_not_matter(model: LanguageModel) -> None:
    one = model.probability(CAPITAL, ["banana", "Paris"])
    other = model.probability(CAPITAL, ["Paris", "banana"])
    assert one["Paris"] == pytest.approx(other["Paris"], abs=0.01)
    assert model.probability(CAPITAL, []) == {}


def test_asking_for_a_probability_does_not_disturb_a_reply(model: LanguageModel) -> None:
    model.probability(CAPITAL, ["Paris", "banana"])
    assert "".join(model.reply(COUNTING, max_tokens=6)).startswith("twelve")


def test_a_closed_model_can_be_loaded_again(build: Build) -> None:
    model = build()
    model.close()
    model.load()
    model.load()
    next(model.reply(COUNTING, max_tokens=2))
    model.close()
    model.close()
    model.load()
    assert "".join(model.reply(COUNTING, max_tokens=3)).startswith("twelve")
    model.close()


def test_a_reply_cut_off_by_closing_ends(build: Build) -> None:
    model = build()
    stream = model.reply(COUNTING, max_tokens=12)
    next(stream)
    model.close()
    assert len(list(stream)) <= len(COUNTED)


async def test_it_works_on_an_owners_thread(build: Build) -> None:
    owner = OwnerThread(build, "language model")
    await owner.call(lambda model: model.load())
    pieces = [piece async for piece in owner.stream(lambda model: model.reply(COUNTING, max_tokens=8))]
    assert "".join(pieces).startswith("twelve")
    likely = await owner.call(lambda model: model.probability(CAPITAL, ["Paris", "banana"]))
    assert likely["Paris"] > 0.5
    owner.close()


async def test_leaving_a_stream_on_an_owners_thread_leaves_the_model_usable(build: Build) -> None:
    owner = OwnerThread(build, "language model")
    stream = owner.stream(lambda model: model.reply(COUNTING, max_tokens=12), ahead=1)
    await anext(stream)
    await stream.aclose()
    said = await owner.call(lambda model: list(islice(model.reply(COUNTING, max_tokens=4), 1)))
    assert said[0].startswith("tw")
    owner.close()
