"""A language model behind an OpenAI-style server on this machine (Ollama, LM Studio, llama-server, mlx_lm.server)."""

from __future__ import annotations

import asyncio
import difflib
import math
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from companion.core.cancel import Cancelled, never
from companion.core.chat_events import chat_event, reason
from companion.core.errors import EngineError
from companion.core.prompting import Message, alternating, fitting
from companion.core.shares import begins_only
from companion.core.stop_strings import until_stop
from companion.engines.server_address import allowed_addresses

if TYPE_CHECKING:
    import httpx

FIRST_TOKEN_S = 120.0
"""Longest wait for a reply to begin: a server may have to load its model first."""
NEXT_TOKEN_S = 30.0
POLL_S = 0.05
"""How often a waiting reply looks whether it was cancelled."""
CONNECT_S = 3.0
MOST_STOPS = 4
"""Stop strings a server takes; we look for all of them ourselves as well."""


class EndpointModel:
    """Asks a server at ``url`` (its ``/v1``) for ``model``, or for its first one."""

    def __init__(self, url: str, model: str = "", allow_remote: str = "", *, context: int = 4096) -> None:
        self._url = url.rstrip("/")
        self._size = context
        self._wanted = model
        self._allow_remote = allow_remote
        self._model = ""
        self._runner: asyncio.Runner | None = None
        self._client: httpx.AsyncClient | None = None
        self._turn: object = None

    def load(self) -> None:
        """See that the server answers and has the model. Raises ``EngineError``; ``SettingsError`` for the address."""
        if self._client is not None:
            return
        import httpx

        addresses = allowed_addresses(self._url, self._allow_remote)
        self._runner = asyncio.Runner()
        try:
            for attempt, address in enumerate(addresses, 1):
                self._client = httpx.AsyncClient(
                    base_url=address,
                    trust_env=False,  # a proxy of the environment would carry the words elsewhere
                    follow_redirects=False,
                    timeout=httpx.Timeout(10.0, connect=CONNECT_S, read=None),  # ``_wait`` bounds reading
                )
                try:
                    self._model = self._choose(self._wait(self._models(), NEXT_TOKEN_S, never))
                    return
                except _NobodyListens as error:
                    self._run(self._client.aclose())
                    if attempt == len(addresses):
                        raise EngineError(
                            f"No language model server answers at {self._url}.",
                            hint="Start it (for Ollama: `ollama serve`), or correct endpoint_url in config.toml.",
                        ) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        self._turn = None
        if self._runner is not None:
            if self._client is not None:
                self._run(self._client.aclose())
            self._runner.close()
        self._client = self._runner = None

    def reply(
        self,
        messages: Sequence[Message],
        *,
        max_tokens: int = 256,
        stop: Sequence[str] = (),
        cancelled: Cancelled = never,
    ) -> Iterator[str]:
        """Text as the server sends it; cancelling hangs up, so that the server stops as well."""
        self.load()
        if max_tokens > 0 and any(message.text.strip() for message in messages):
            body = self._body(messages, max_tokens) | {"stream": True}
            if stop:
                body["stop"] = list(stop)[:MOST_STOPS]
            yield from until_stop(self._pieces(body, cancelled), stop)

    def probability(self, messages: Sequence[Message], answers: Sequence[str]) -> Mapping[str, float]:
        """From the likeliest first tokens the server tells (at most 20); answers beyond those get nothing.

        Raises ``EngineError`` where it tells none, or none that begins any of the answers.
        """
        if not answers:
            return {}
        self.load()
        body = self._body(messages, 1) | {"logprobs": True, "top_logprobs": 20}
        answer = self._wait(self._post(body), FIRST_TOKEN_S, never)
        try:
            told = answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
            tokens = [(str(each["token"]).strip(), math.exp(float(each["logprob"]))) for each in told]
        except (LookupError, TypeError, ValueError, OverflowError) as error:
            raise EngineError(
                f"The server at {self._url} does not tell how likely its words are.",
                hint="Answers are then marked without the language model; llama-server can tell.",
            ) from error
        mass = {
            answer: sum(p for token, p in tokens if token and begins_only(token, answer, answers)) for answer in answers
        }
        whole = sum(mass.values())
        if not whole > 0:
            raise EngineError(f"The server at {self._url} thinks none of the answers likely enough to tell.")
        return {answer: part / whole for answer, part in mass.items()}

    def _body(self, messages: Sequence[Message], max_tokens: int) -> dict[str, Any]:
        # Some servers (Ollama) cut what is too long at its beginning and do not say so.
        kept = fitting(messages, self._size - min(max_tokens, self._size // 2), _tokens_at_most)
        if kept is None:
            raise EngineError(
                f"The text is too long for the language model, which is given {self._size} tokens at once.",
                hint="Say it in fewer words.",
            )
        turns = [{"role": m.role, "content": m.text.encode("utf-8", "replace").decode()} for m in alternating(kept)]
        return {"model": self._model, "messages": turns, "max_tokens": max_tokens, "temperature": 0}

    def _pieces(self, body: dict[str, Any], cancelled: Cancelled) -> Iterator[str]:
        turn = self._turn = object()
        deltas = self._deltas(body)
        patience = FIRST_TOKEN_S
        try:
            while not cancelled() and self._turn is turn:
                piece = self._wait(_next(deltas), patience, cancelled)
                if piece is None:
                    return
                patience = NEXT_TOKEN_S
                if piece:
                    yield piece
        finally:
            if self._runner is not None:
                self._run(deltas.aclose())

    def _run(self, job: Any) -> Any:
        assert self._runner is not None
        return self._runner.run(job)

    def _wait(self, job: Any, patience_s: float, cancelled: Cancelled) -> Any:
        """What ``job`` gives, or None when cancelled before. Raises ``EngineError`` after ``patience_s``."""
        return self._run(self._watch(job, patience_s, cancelled))

    async def _watch(self, job: Any, patience_s: float, cancelled: Cancelled) -> Any:
        task = asyncio.ensure_future(job)
        until = asyncio.get_running_loop().time() + patience_s
        try:
            while not (await asyncio.wait({task}, timeout=POLL_S))[0]:
                if cancelled():
                    return None
                if asyncio.get_running_loop().time() > until:
                    raise EngineError(
                        f"The server at {self._url} has not answered for {patience_s:.0f} seconds.",
                        hint="It may be busy or out of memory; try a smaller model there.",
                    )
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})

    async def _models(self) -> list[str]:
        """The names the server lists; none where it has no list."""
        async with self._talking() as client:
            response = await client.get("models")
            if response.status_code == 404:
                return []
            self._check(response.status_code, response.text)
            try:
                return [str(each["id"]) for each in response.json()["data"]]
            except (ValueError, LookupError, TypeError) as error:
                raise self._gibberish(response.text) from error

    def _choose(self, names: list[str]) -> str:
        if self._wanted:
            # Ollama lists “gemma3:latest” for what is asked for as “gemma3”.
            if not names or any(name == self._wanted or name.startswith(self._wanted + ":") for name in names):
                return self._wanted
            near = difflib.get_close_matches(self._wanted, names, n=1)
            raise EngineError(
                f"The server at {self._url} has no model “{self._wanted}”.",
                hint=f"Did you mean “{near[0]}”?" if near else f"It has: {', '.join(names[:8])}.",
            )
        talking = [name for name in names if "embed" not in name.lower()]
        if not talking:
            raise EngineError(
                f"The server at {self._url} lists no model.",
                hint="Fetch one there (for Ollama: `ollama pull gemma3`), or name it as endpoint_model.",
            )
        return talking[0]

    async def _post(self, body: dict[str, Any]) -> Any:
        async with self._talking() as client:
            response = await client.post("chat/completions", json=body)
            self._check(response.status_code, response.text)
            try:
                return response.json()
            except ValueError as error:
                raise self._gibberish(response.text) from error

    async def _deltas(self, body: dict[str, Any]) -> AsyncGenerator[str, None]:
        """The text of each event the server sends (Server-Sent Events, one JSON object a line)."""
        async with self._talking() as client, client.stream("POST", "chat/completions", json=body) as response:
            if response.status_code != 200:
                self._check(response.status_code, (await response.aread()).decode("utf-8", "replace"))
            async for line in response.aiter_lines():
                try:
                    event = chat_event(line)
                except ValueError as error:
                    raise self._gibberish(line) from error
                if event.failure:
                    raise EngineError(f"The server at {self._url} failed: {event.failure}")
                yield event.text
                if event.ends:
                    return
            raise EngineError(f"The server at {self._url} broke off in the middle of a reply.")

    @asynccontextmanager
    async def _talking(self) -> AsyncGenerator[httpx.AsyncClient, None]:
        """The client, with what can go wrong on the line told in words."""
        import httpx

        assert self._client is not None
        try:
            yield self._client
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _NobodyListens(f"No language model server answers at {self._url}.") from error
        except httpx.HTTPError as error:
            raise EngineError(
                f"The connection to {self._url} broke: {error or type(error).__name__}.",
                hint="See whether the server still runs.",
            ) from error

    def _check(self, status: int, text: str) -> None:
        if status != 200:
            raise EngineError(f"The server at {self._url} refused ({status}): {reason(text)}")

    def _gibberish(self, text: str) -> EngineError:
        return EngineError(
            f"The server at {self._url} sent what is no reply: {text.strip()[:80]!r}",
            hint="endpoint_url must be that of an OpenAI-style server, most often ending in /v1.",
        )


class _NobodyListens(EngineError):
    """The connection was refused."""


def _tokens_at_most(messages: Sequence[Message]) -> int:
    """A safe guess: common tokenizers need a token for four or more bytes of English, and a few for each turn."""
    return sum(len(m.text.encode("utf-8", "replace")) // 3 + 8 for m in messages)


async def _next(pieces: AsyncGenerator[str, None]) -> str | None:
    return await anext(pieces, None)
