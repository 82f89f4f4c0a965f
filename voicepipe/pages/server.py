"""Serving a folder of pages to one browser on this machine, and taking what its page sends.

Whoever asks has to know the token that is part of every path; requests that came through another
name (DNS rebinding) or from another site's page (cross-site requests) are refused; nothing outside
the folder is served.
"""

from __future__ import annotations

import hmac
import re
import secrets
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import orjson

from voicepipe.errors import EnvironmentFault, VoicepipeError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ADDRESS: Final = "127.0.0.1"
MOST_BYTES: Final = 1 << 20
"""Of one request's body."""
_NAME: Final = re.compile(r"(?:[a-z]+/)?[A-Za-z0-9][A-Za-z0-9_-]*\.[a-z0-9]+")
_RANGE: Final = re.compile(r"bytes=([0-9]{1,15})-([0-9]{0,15})")
_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "mp3": "audio/mpeg",
}
_ALWAYS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class PageServer(ThreadingHTTPServer):
    """Serves a folder on the loopback address.

    Args:
        folder: What is served.
        answer: Called with the name and the body of what the page sends; gives JSON.
        made: Gives files that are made when they are asked for; None: those of the folder.
        port: 0: one that is free.

    Raises:
        EnvironmentFault: The port is taken.
    """

    daemon_threads = True
    allow_reuse_address = False

    def __init__(
        self,
        folder: Path,
        answer: Callable[[str, bytes], dict[str, Any]],
        *,
        made: Callable[[str], bytes | None],
        port: int = 0,
    ) -> None:
        self.folder = folder
        self.answer = answer
        self.made = made
        self.token = secrets.token_urlsafe(24)
        try:
            super().__init__((ADDRESS, port), _Handler)
        except OSError as error:
            raise EnvironmentFault(
                f"{ADDRESS}:{port} cannot be listened on: {error.strerror or error}",
                remedy="choose another --port, or none",
            ) from error

    @property
    def port(self) -> int:
        """The one that was taken."""
        return int(self.server_address[1])

    @property
    def url(self) -> str:
        """What a person opens."""
        return f"http://{ADDRESS}:{self.port}/{self.token}/index.html"


class _Refused(Exception):
    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    protocol_version = "HTTP/1.1"
    server_version = "voicepipe"
    sys_version = ""
    timeout = 60

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is inherited
        """Say nothing: the token is part of every path."""

    def do_GET(self) -> None:
        self._answer(self._give)

    def do_POST(self) -> None:
        self._answer(self._take)

    def _answer(self, respond: Callable[[str], None]) -> None:
        try:
            respond(self._name())
        except _Refused as refused:
            self.close_connection = True
            self._send(refused.status, str(refused).encode(), "text/plain; charset=utf-8")
        except VoicepipeError as error:
            said = f"{error.message}; {error.remedy}" if error.remedy else error.message
            self._send(HTTPStatus.CONFLICT, said.encode(), "text/plain; charset=utf-8")

    def _name(self) -> str:
        """Look whether the request may ask at all; give what it asks for, without the token."""
        port = self.server.port
        if self.headers.get("Host", "") not in (f"{ADDRESS}:{port}", f"localhost:{port}"):
            raise _Refused(HTTPStatus.MISDIRECTED_REQUEST, "this is not that host")
        token, _, name = urlsplit(self.path).path.removeprefix("/").partition("/")
        if not hmac.compare_digest(token.encode(), self.server.token.encode()):
            raise _Refused(HTTPStatus.FORBIDDEN, "open the address that the command printed")
        return name

    def _give(self, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise _Refused(HTTPStatus.NOT_FOUND, "no such file")
        content = self.server.made(name)
        if content is None:
            content = self._read(name)
        kind = _TYPES.get(name.rpartition(".")[2])
        if kind is None:
            raise _Refused(HTTPStatus.NOT_FOUND, "no such file")
        wanted = _RANGE.fullmatch(self.headers.get("Range", ""))
        if wanted is None:
            self._send(HTTPStatus.OK, content, kind, {"Accept-Ranges": "bytes"})
            return
        begin = int(wanted[1])
        end = min(int(wanted[2] or len(content)), len(content) - 1)
        if begin > end:
            raise _Refused(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "no such part")
        place = {"Content-Range": f"bytes {begin}-{end}/{len(content)}"}
        self._send(HTTPStatus.PARTIAL_CONTENT, content[begin : end + 1], kind, place)

    def _read(self, name: str) -> bytes:
        path = self.server.folder / name
        inside = path.resolve().is_relative_to(self.server.folder.resolve())
        if not inside or path.is_symlink() or not path.is_file():
            raise _Refused(HTTPStatus.NOT_FOUND, "no such file")
        return path.read_bytes()

    def _take(self, name: str) -> None:
        origin = self.headers.get("Origin")
        own = {f"http://{ADDRESS}:{self.server.port}", f"http://localhost:{self.server.port}"}
        if origin not in own or self.headers.get("X-Voicepipe-Review") != "1":
            raise _Refused(HTTPStatus.FORBIDDEN, "only its own page may send something here")
        if self.headers.get("Content-Type", "").partition(";")[0] != "application/json":
            raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send JSON")
        given = self.headers.get("Content-Length", "")
        if not given.isdecimal() or len(given) > 9 or int(given) > MOST_BYTES:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"{MOST_BYTES} bytes at most")
        body = self.rfile.read(int(given))
        kind, _, verb = name.partition("/")
        if kind != "api" or not verb.isalpha():
            raise _Refused(HTTPStatus.NOT_FOUND, "no such thing to send to")
        self._send(HTTPStatus.OK, orjson.dumps(self.server.answer(verb, body)), "application/json")

    def _send(
        self, status: HTTPStatus, content: bytes, kind: str, more: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        headers = {**_ALWAYS, "Content-Type": kind, "Content-Length": str(len(content))}
        for header, value in {**headers, **(more or {})}.items():
            self.send_header(header, value)
        self.end_headers()
        self.wfile.write(content)
