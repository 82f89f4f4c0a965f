"""A review with a server: who may ask, what is served, and what a decision does at once."""

from __future__ import annotations

import http.client
import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from voicepipe.bank.lock import bank_lock
from voicepipe.errors import InputError, UsageError
from voicepipe.pages.server import MOST_BYTES, PageServer
from voicepipe.pipeline.production import read_production
from voicepipe.pipeline.render.rendering import RenderOptions
from voicepipe.pipeline.review_session import ReviewSession
from voicepipe.pipeline.selection import EVERYTHING
from voicepipe.workers.processes import process_starter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from browser_tool import BrowserTool

    from voicepipe.workers.spawning import WorkerProcess

UNJUDGED = RenderOptions(qc="off")
"""Whoever is installed here would listen to every take."""


@contextmanager
def _running(server: PageServer) -> Iterator[PageServer]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PageServer]:
    folder = tmp_path / "page"
    (folder / "sounds").mkdir(parents=True)
    (folder / "index.html").write_text("<p>page</p>")
    (folder / "sounds" / "a.wav").write_bytes(bytes(range(100)))
    (folder / "secret").write_text("no suffix")
    (tmp_path / "outside.html").write_text("outside")
    (folder / "link.html").symlink_to(tmp_path / "outside.html")

    def answer(verb: str, body: bytes) -> dict[str, Any]:
        if verb == "fail":
            raise UsageError("not so", remedy="otherwise")
        return {"verb": verb, "body": body.decode()}

    with _running(PageServer(folder, answer, made=lambda _: None)) as running:
        yield running


def _ask(
    server: PageServer,
    name: str,
    *,
    method: str = "GET",
    token: str | None = None,
    body: bytes | None = None,
    **headers: str,
) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    path = f"/{server.token if token is None else token}/{name}"
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    connection.request(method, path, body=body, headers=named)
    answer = connection.getresponse()
    found = answer.status, answer.read(), dict(answer.getheaders())
    connection.close()
    return found


def _post(server: PageServer, name: str, body: bytes = b"{}", **changes: str) -> int:
    headers = {
        "Origin": f"http://127.0.0.1:{server.port}",
        "X_Voicepipe_Review": "1",
        "Content_Type": "application/json",
    } | changes
    kept = {key: value for key, value in headers.items() if value}
    return _ask(server, name, method="POST", body=body, **kept)[0]


def test_the_page_and_parts_of_sounds_are_served_to_whoever_knows_the_token(
    server: PageServer,
) -> None:
    status, content, headers = _ask(server, "index.html")
    assert (status, content) == (200, b"<p>page</p>")
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cache-Control"] == "no-store"
    status, content, headers = _ask(server, "sounds/a.wav", Range="bytes=10-19")
    assert (status, content) == (206, bytes(range(10, 20)))
    assert headers["Content-Range"] == "bytes 10-19/100"
    assert _ask(server, "sounds/a.wav", Range="bytes=90-")[1] == bytes(range(90, 100))
    assert _ask(server, "sounds/a.wav", Range="bytes=100-")[0] == 416
    assert server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("token", ["", "x", "A" * 32])
def test_nobody_else_is_served(server: PageServer, token: str) -> None:
    assert _ask(server, "index.html", token=token)[0] == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost.evil:80"])
def test_a_request_under_another_name_is_refused(server: PageServer, host: str) -> None:
    assert _ask(server, "index.html", Host=host)[0] == 421


@pytest.mark.parametrize(
    "name",
    [
        "../outside.html",
        "..%2foutside.html",
        "sounds/../../outside.html",
        "link.html",
        "secret",
        "",
        ".hidden.html",
        "sounds//a.wav",
        "/etc/passwd",
        "none.html",
    ],
)
def test_nothing_outside_the_folder_is_served(server: PageServer, name: str) -> None:
    assert _ask(server, name)[0] == 404


def test_only_its_own_page_may_send(server: PageServer) -> None:
    assert _post(server, "api/decide") == 200
    assert _post(server, "api/decide", Origin="http://evil.example") == 403
    assert _post(server, "api/decide", Origin="null") == 403
    assert _post(server, "api/decide", Origin="") == 403
    assert _post(server, "api/decide", X_Voicepipe_Review="") == 403
    assert _post(server, "api/decide", Content_Type="text/plain") == 415
    assert _post(server, "api/decide", Content_Length=str(MOST_BYTES + 1)) == 413
    assert _post(server, "index.html") == 404
    assert _post(server, "api/fail") == 409


@pytest.fixture
def session(story: Path) -> Iterator[ReviewSession]:
    running = ReviewSession(story, story / "review", EVERYTHING, options=UNJUDGED)
    yield running
    running.close()


def _decision(story: Path, verb: str, line: str = "quay_0010", **more: str) -> bytes:
    one = next(o for o in read_production(story).produced if o.key == (line, "en"))
    assert one.entry is not None
    row = {"decision": verb, "line": line, "language": "en", "sound": one.entry.sha256} | more
    return json.dumps({"decisions": [row]}).encode()


def test_a_decision_is_written_at_once_and_the_page_is_told(
    session: ReviewSession, story: Path
) -> None:
    answer = session.answer("decide", _decision(story, "reject", words="too fast"))
    assert answer["refused"] == []
    assert [card["assessment"] for card in answer["cards"]] == ["rejected"]
    assert "rejected,too fast" in (story / "decisions.csv").read_text()
    assert b"too fast" in (session.made("data/cards.js") or b"")
    refused = session.answer("decide", _decision(story, "approve", sound="0" * 64))
    assert "sounds otherwise" in refused["refused"][0]["reason"]
    with pytest.raises(InputError):
        session.answer("decide", b'{"decisions": [{"decision": "aprove"}]}')
    with pytest.raises(UsageError):
        session.answer("shutdown", b"{}")


def test_what_cannot_be_written_is_an_error_that_the_page_is_told(
    session: ReviewSession, story: Path
) -> None:
    with bank_lock(story / "out", "somebody else"), pytest.raises(Exception, match="somebody"):
        session.answer("decide", _decision(story, "approve"))
    assert session.answer("decide", _decision(story, "approve"))["cards"]


class _Counted:
    """What starts workers, and how often it was asked to."""

    def __init__(self) -> None:
        self.n_started, self.is_closed = 0, False
        self._starter = process_starter(())

    @property
    def pid(self) -> int | None:
        return self._starter.pid

    def start(self) -> WorkerProcess:
        self.n_started += 1
        return self._starter.start()

    def close(self) -> None:
        self.is_closed = True
        self._starter.close()


def test_retakes_are_made_by_processes_that_the_session_keeps(
    story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = _Counted()
    asked: list[tuple[Path, str]] = []

    def starter(root: Path, devices: str) -> _Counted:
        asked.append((root, devices))
        return kept

    monkeypatch.setattr("voicepipe.pipeline.review_session.worker_starter", starter)
    session = ReviewSession(story, story / "review", EVERYTHING, options=UNJUDGED)
    try:
        pid, seen = kept.pid, 0
        for take in (2, 3):
            session.answer("decide", _decision(story, "retake"))
            said: list[str] = []
            while not any("there is another take" in one for one in said):
                news = session.answer("news", json.dumps({"seen": seen}).encode())
                seen, said = news["seen"], [*said, *news["said"]]
            made = next(o for o in read_production(story).produced if o.key == ("quay_0010", "en"))
            assert made.entry is not None
            assert made.entry.take == take
        assert (kept.n_started, kept.pid, kept.is_closed) == (2, pid, False)
    finally:
        session.close()
    assert kept.is_closed
    assert asked == [(story, "cpu")]


def test_a_retake_is_made_while_one_listens(story: Path, browser: BrowserTool) -> None:
    session = ReviewSession(story, story / "review", EVERYTHING, options=UNJUDGED)
    try:
        server = PageServer(story / "review", session.answer, made=session.made)
        with _running(server):
            watched = browser.open(server.url)
            page = watched.page
            page.select_option("#filter-language", "en")
            page.uncheck("#onward")
            page.locator(".row", has_text="quay_0040").click()
            page.keyboard.press("a")
            page.wait_for_selector(".row.chosen .tag:has-text('approved')")
            watched.until("voicepipeReview.list.card.assessment === 'approved'")
            page.keyboard.press("t")
            watched.until("voicepipeReview.list.card.sound.take === 2", within_s=60)
            assert page.locator(".takes button").count() == 2, "to compare with"
            page.keyboard.press("Space")
            watched.until("document.getElementById('audio').currentTime > 0.05")
            page.reload()
            watched.until("voicepipeReview.cards.length === 10")
            watched.require_clean()
            page.context.close()
    finally:
        session.close()
    line = next(o for o in read_production(story).produced if o.key == ("quay_0040", "en"))
    assert line.entry is not None
    assert line.entry.take == 2
    assert line.state.has_lapsed, "the approval was of the take before"
