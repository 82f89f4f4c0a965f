"""A model hub on loopback: enough of its protocol to fetch a file from."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, cast
from urllib.parse import unquote

if TYPE_CHECKING:
    from types import TracebackType

COMMIT = "c0ffee" * 6 + "c0ff"


@dataclass
class LoopbackHub:
    """Serves `files` by path, whatever the repository and revision."""

    files: dict[str, bytes]
    small: frozenset[str] = frozenset()
    """Paths that, like text files on the real hub, have a git hash and no sha256."""
    lies: dict[str, bytes] = field(default_factory=dict)
    """Paths whose bytes are not those that the headers promise."""
    seen: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Method, path and authorization of every request."""
    _server: ThreadingHTTPServer = field(init=False)

    def __enter__(self) -> LoopbackHub:
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, hub: LoopbackHub) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hub = hub


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._serve(with_body=False)

    def do_GET(self) -> None:
        self._serve(with_body=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""

    def _serve(self, *, with_body: bool) -> None:
        hub = cast("_Server", self.server).hub
        hub.seen.append((self.command, self.path, self.headers.get("authorization")))
        path = unquote(self.path).partition("/resolve/")[2].partition("/")[2].partition("?")[0]
        promised = hub.files.get(path)
        if promised is None:
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        body = hub.lies.get(path, promised)
        sha256 = hashlib.sha256(promised).hexdigest()
        etag = hashlib.sha1(promised).hexdigest() if path in hub.small else sha256
        self.send_response(200)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{etag}"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)
