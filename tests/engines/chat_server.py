"""A small OpenAI-style server on loopback, which says and breaks what a test asks it to."""

from __future__ import annotations

import json
import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LONGEST = 500
"""Words the server takes."""


class ChatServer:
    """What the server says; a test changes it before it asks."""

    def __init__(self, text: str = "", likely: Mapping[str, float] | None = None) -> None:
        self.text = text
        self.likely = dict(likely or {})
        self.models: list[str] = ["nomic-embed-text", "gemma3:latest"]
        self.pause_s = 0.0
        """Between words."""
        self.answer: Callable[[BaseHTTPRequestHandler], None] | None = None
        """Stands in for the whole answer to a chat."""
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.hung_up = threading.Event()
        """Set when a client left before its reply was over."""
        self.url = ""


@contextmanager
def serving(server: ChatServer) -> Iterator[ChatServer]:
    """Serve on a free port of loopback until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            return None

        def do_GET(self) -> None:
            self.whole({"object": "list", "data": [{"id": name} for name in server.models]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.asked.append(body)
            server.headers.append(dict(self.headers))
            if server.answer:
                server.answer(self)
            elif sum(len(m["content"].split()) for m in body["messages"]) > LONGEST:
                self.whole({"error": {"message": "the prompt is too long for the context"}}, 400)
            elif body.get("stream"):
                self.stream(body)
            else:
                told = [{"token": f" {word}", "logprob": math.log(p)} for word, p in server.likely.items()]
                self.whole({"choices": [{"logprobs": {"content": [{"top_logprobs": told}]}}]})

        def whole(self, value: object, status: int = 200) -> None:
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def stream(self, body: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            try:
                self.event(": a comment")
                for word in re.findall(r"\s*\S+", server.text)[: body["max_tokens"]]:
                    self.event("data: " + json.dumps({"choices": [{"delta": {"content": word}}]}))
                    time.sleep(server.pause_s)
                self.event("data: " + json.dumps({"choices": [{"delta": {}, "finish_reason": "stop"}]}))
                self.event("data: [DONE]")
            except OSError:
                server.hung_up.set()

        def event(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\n\n")
            self.wfile.flush()

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        server.url = f"http://127.0.0.1:{http.server_address[1]}/v1"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
