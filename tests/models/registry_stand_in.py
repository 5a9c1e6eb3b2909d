"""A web server on loopback that gives out files, honours ranges, and can cut or hold a download."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class StandIn(ThreadingHTTPServer):
    """Answers with ``pages``; the first ``cuts`` downloads longer than ``limit`` bytes stop there."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: dict[str, tuple[str, bytes]] = {}
        self.cuts = 0
        self.limit = 10**9
        self.asked: list[tuple[str, str]] = []
        """Path and range of each request that was answered from ``pages``."""
        self.held = threading.Event()
        """Set: a cut download is left hanging instead of being closed."""
        self.released = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def add_wheel(self, name: str, filename: str, data: bytes) -> None:
        digest = hashlib.sha256(data).hexdigest()
        link = f'<a href="/files/{filename}#sha256={digest}">{filename}</a>'
        self.pages[f"/simple/{name}/"] = ("text/html", link.encode())
        self.pages[f"/files/{filename}"] = ("application/octet-stream", data)

    def add_npm(self, name: str, version: str, data: bytes) -> None:
        tarball = f"/npm/{name}-{version}.tgz"
        dist = {"tarball": self.address + tarball, "shasum": hashlib.sha1(data).hexdigest()}
        entry = {"name": name, "version": version, "dist": dist}
        page = {"name": name, "dist-tags": {"latest": version}, "versions": {version: entry}}
        self.pages[f"/{name}"] = ("application/json", json.dumps(page).encode())
        self.pages[tarball] = ("application/octet-stream", data)

    def add_repository(self, repo: str, commit: str, files: dict[str, bytes]) -> None:
        siblings = [
            {"rfilename": name, "size": len(data), "lfs": {"sha256": hashlib.sha256(data).hexdigest()} | _lfs(data)}
            for name, data in files.items()
        ]
        info = json.dumps({"id": repo, "sha": commit, "siblings": siblings}).encode()
        for revision in ("main", commit):
            self.pages[f"/api/models/{repo}/revision/{revision}"] = ("application/json", info)
        for name, data in files.items():
            self.pages[f"/{repo}/resolve/{commit}/{name}"] = ("application/octet-stream", data)


def _lfs(data: bytes) -> dict[str, int]:
    return {"size": len(data), "pointerSize": 130}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StandIn

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path not in self.server.pages:
            self.send_error(404)
            return
        kind, data = self.server.pages[path]
        asked = self.headers.get("Range", "")
        self.server.asked.append((path, asked))
        start, end = 0, len(data)
        if asked:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            start, end = int(first), int(last) + 1 if last else len(data)
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(data)}")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(end - start))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.end_headers()
        if self.server.cuts and end - start > self.server.limit:
            self.server.cuts -= 1
            self.wfile.write(data[start : start + self.server.limit])
            self.wfile.flush()
            if self.server.held.is_set():
                self.server.released.wait(30)
            self.close_connection = True
            self.connection.close()
            return
        self.wfile.write(data[start:end])

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def stand_in() -> Iterator[StandIn]:
    server = StandIn()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
