from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from companion.core.errors import EngineError, SettingsError
from companion.core.prompting import Message
from companion.engines import endpoint
from companion.engines.endpoint import EndpointModel
from tests.engines.chat_server import ChatServer, serving

HELLO = [Message("system", "Be brief."), Message("user", "Hello")]


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with serving(ChatServer("Well done, that is right.", {"Yes": 0.6, "No": 0.2, "N": 0.1})) as serves:
        yield serves


@pytest.fixture
def model(server: ChatServer) -> Iterator[EndpointModel]:
    made = EndpointModel(server.url)
    yield made
    made.close()


def answering(status: int, body: bytes, kind: str = "text/event-stream") -> Callable[[BaseHTTPRequestHandler], None]:
    """An answer that ends with its last byte."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True

    return answer


def test_the_first_model_that_talks_is_asked_greedily(server: ChatServer, model: EndpointModel) -> None:
    assert "".join(model.reply(HELLO, max_tokens=50, stop=["\n\n"])) == "Well done, that is right."
    assert server.asked == [
        {
            "model": "gemma3:latest",
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}],
            "max_tokens": 50,
            "temperature": 0,
            "stream": True,
            "stop": ["\n\n"],
        }
    ]


def test_a_model_may_be_named_without_its_tag(server: ChatServer) -> None:
    model = EndpointModel(server.url, "gemma3")
    model.load()
    model.close()


def test_an_unknown_model_is_refused_with_the_nearest(server: ChatServer) -> None:
    with pytest.raises(EngineError, match="no model “gema3”") as raised:
        EndpointModel(server.url, "gema3").load()
    assert "gemma3:latest" in raised.value.hint


def test_a_server_without_models_is_told(server: ChatServer) -> None:
    server.models = ["nomic-embed-text"]
    with pytest.raises(EngineError, match="lists no model"):
        EndpointModel(server.url).load()


def test_where_nobody_listens_the_remedy_is_told(server: ChatServer) -> None:
    with pytest.raises(EngineError, match="No language model server answers") as raised:
        EndpointModel("http://localhost:1/v1").load()
    assert "ollama serve" in raised.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "http://192.168.1.7:11434/v1",
        "https://models.example.org/v1",
        "http://127.0.0.1@models.example.org/v1",
        "http://127.0.0.1.example.org/v1",
        "http://0.0.0.0:11434/v1",
        "http://localhost.example.org/v1",
        "http://[2001:db8::1]/v1",
    ],
)
@pytest.mark.parametrize("consent", ["", "yes", "true", "Send my words to another machine"])
def test_an_address_beyond_this_machine_is_refused(url: str, consent: str) -> None:
    with pytest.raises(SettingsError, match="not on this machine"):
        EndpointModel(url, allow_remote=consent).load()


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://127.0.0.1/v1", "http://", "http://127.0.0.1:port/v1"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="no address"):
        EndpointModel(url).load()


def test_localhost_is_loopback_without_looking_the_name_up(server: ChatServer) -> None:
    model = EndpointModel(server.url.replace("127.0.0.1", "localhost"))
    assert "".join(model.reply(HELLO)) == "Well done, that is right."
    model.close()


def test_a_proxy_of_the_environment_is_not_used(
    server: ChatServer, model: EndpointModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert "".join(model.reply(HELLO)) == "Well done, that is right."


def test_a_redirect_is_not_followed(server: ChatServer, model: EndpointModel) -> None:
    def elsewhere(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(307)
        handler.send_header("Location", "https://models.example.org/v1/chat/completions")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    server.answer = elsewhere
    with pytest.raises(EngineError, match=r"refused \(307\)"):
        list(model.reply(HELLO))


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (404, b'{"error": {"message": "model not found"}}', r"refused \(404\): model not found"),
        (500, b"out of memory", r"refused \(500\): out of memory"),
        (503, b"", "it gave no reason"),
        (200, b"<html>hello</html>\n\n", "sent what is no reply"),
        (200, b"data: {not json}\n\n", "sent what is no reply"),
        (200, b'data: ["a list"]\n\n', "sent what is no reply"),
        (200, b'data: {"choices": [{"delta": {"content": 7}}]}\n\n', "sent what is no reply"),
        (200, b'data: {"error": {"message": "the GPU is on fire"}}\n\n', "failed: the GPU is on fire"),
        (200, b'data: {"choices": [{"delta": {"content": "Well"}}]}\n\n', "broke off in the middle"),
        (200, b"", "broke off in the middle"),
    ],
)
def test_a_bad_answer_is_told_in_words(
    server: ChatServer, model: EndpointModel, status: int, body: bytes, told: str
) -> None:
    server.answer = answering(status, body)
    with pytest.raises(EngineError, match=told):
        list(model.reply(HELLO))
    server.answer = None
    assert "".join(model.reply(HELLO)) == "Well done, that is right."


def test_what_came_before_a_break_is_given_out(server: ChatServer, model: EndpointModel) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        handler.wfile.write(b'data: {"choices": [{"delta": {"content": "Well"}}]}\n\n')
        handler.close_connection = True

    server.answer = cut
    stream = model.reply(HELLO)
    assert next(stream) == "Well"
    with pytest.raises(EngineError, match="broke"):
        list(stream)


def test_cancelling_hangs_up_even_while_nothing_comes(server: ChatServer, model: EndpointModel) -> None:
    server.pause_s = 0.2
    server.text = "and so on " * 50
    cancelled = threading.Event()
    stream = model.reply(HELLO, cancelled=cancelled.is_set)
    next(stream)
    threading.Timer(0.05, cancelled.set).start()
    began = time.monotonic()
    assert len(list(stream)) <= 1
    assert time.monotonic() - began < 1
    assert server.hung_up.wait(5)


def test_a_server_that_never_answers_is_given_up(
    server: ChatServer, model: EndpointModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "FIRST_TOKEN_S", 0.2)
    leave = threading.Event()
    server.answer = lambda handler: answering(200, b"")(handler) if leave.wait(5) else None
    with pytest.raises(EngineError, match="has not answered"):
        list(model.reply(HELLO))
    leave.set()


def test_probabilities_come_from_the_first_tokens(server: ChatServer, model: EndpointModel) -> None:
    likely = model.probability(HELLO, ["yes", "no"])
    assert likely == {"yes": pytest.approx(2 / 3), "no": pytest.approx(1 / 3)}
    assert server.asked[-1]["logprobs"] is True


def test_a_token_that_could_begin_two_answers_counts_for_none(server: ChatServer, model: EndpointModel) -> None:
    assert model.probability(HELLO, ["no", "nobody", "yes"])["yes"] == pytest.approx(1)


@pytest.mark.parametrize("body", [b'{"choices": [{"message": {"content": "Yes"}}]}', b'{"choices": []}', b"[]"])
def test_a_server_that_tells_no_probabilities_is_told_apart(
    server: ChatServer, model: EndpointModel, body: bytes
) -> None:
    server.answer = answering(200, body, "application/json")
    with pytest.raises(EngineError, match="does not tell how likely"):
        model.probability(HELLO, ["yes", "no"])


def test_answers_the_server_never_thought_of_have_no_probability(server: ChatServer, model: EndpointModel) -> None:
    with pytest.raises(EngineError, match="none of the answers"):
        model.probability(HELLO, ["Paris", "London"])
