"""A review with a server behind it: decisions are written at once, retakes made while one listens.

One thread does what needs the output folder's lock, one thing after the other. What is decided
while a take is being made is written when that is done, and before the session ends in any case.
What workers need is loaded once, while the first lines are listened to, and kept for every retake.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

from voicepipe.bank.line_state import line_state
from voicepipe.diagnostics import Severity
from voicepipe.errors import InputError, UsageError, VoicepipeError
from voicepipe.pages.review_page import CARDS_NAME, cards_script
from voicepipe.pipeline.loading_ahead import worker_starter
from voicepipe.pipeline.production import read_production
from voicepipe.pipeline.render.render_folder import render_folder
from voicepipe.pipeline.render.rendering import RenderOptions
from voicepipe.pipeline.review_building import build_review, said_facts
from voicepipe.pipeline.review_file import parse_decisions_of
from voicepipe.pipeline.reviewing import Verb, take_in
from voicepipe.pipeline.selection import Selection, resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from voicepipe.bank.decisions import Decisions
    from voicepipe.pipeline.production import Production
    from voicepipe.pipeline.reviewing import Request
    from voicepipe.workers.events import RenderEvent

COMMAND: Final = "voicepipe review --serve"
_NEWS_S: Final = 20.0
"""How long a page's question for news is held open."""
_WRITTEN_S: Final = 5.0
"""How long a page waits for its decision to be written before it is told that this comes later."""

Key = tuple[str, str]


class _Seen(msgspec.Struct, forbid_unknown_fields=True):
    seen: int


@dataclass(slots=True)
class _Job:
    """Requests of one message, and what became of them."""

    requests: tuple[Request, ...]
    done: threading.Event = field(default_factory=threading.Event)
    refused: list[dict[str, str]] = field(default_factory=list)
    fault: VoicepipeError | None = None

    @property
    def keys(self) -> list[Key]:
        return list(dict.fromkeys((one.line, one.language) for one in self.requests))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Update:
    keys: tuple[Key, ...] = ()
    said: str = ""


class ReviewSession:
    """Writes the page, and answers what it sends.

    Args:
        root: The project's folder.
        folder: Of the page.
        selection: Lines that are shown, as a person wrote it.
        form: Of the sounds.
        is_kept: The folder stays when the review has ended.
        options: How retakes are rendered.
        on_event: Told what renders do.

    Raises:
        UsageError: A name the project does not have, or a folder with other files.
        InputError: The project's files cannot be read.
        EnvironmentFault: A file cannot be read or written.
    """

    def __init__(
        self,
        root: Path,
        folder: Path,
        selection: Selection,
        *,
        form: str = "wav",
        is_kept: bool = True,
        options: RenderOptions | None = None,
        on_event: Callable[[RenderEvent], None] = lambda _: None,
    ) -> None:
        self._root, self._folder, self._form, self._is_kept = root, folder, form, is_kept
        self._wanted, self._on_event = selection, on_event
        self._options = options or RenderOptions()
        self._changed = threading.Condition()
        self._jobs: deque[_Job] = deque()
        self._updates: list[_Update] = []
        self._ends = False
        self._stop = threading.Event()
        self.n_decided = 0
        self._production: Production = read_production(root)
        self._cards: dict[Key, dict[str, Any]] = {}
        self._places: Mapping[str, str] = {}
        self._build()
        devices = self._options.device or self._production.settings.render.device
        self._starter = worker_starter(root, devices)
        self._thread = threading.Thread(target=self._work, name="voicepipe-review")
        self._thread.start()

    def close(self) -> None:
        """Write what is left to write, let a render in hand end its lines, and end."""
        with self._changed:
            self._ends = True
            self._stop.set()
            self._changed.notify_all()
        self._thread.join()
        if self._starter is not None:
            self._starter.close()

    def made(self, name: str) -> bytes | None:
        """Give the page's lines as they are now; other files lie in the folder."""
        if name != CARDS_NAME:
            return None
        with self._changed:
            return cards_script(list(self._cards.values()))

    def answer(self, verb: str, body: bytes) -> dict[str, Any]:
        """Answer what the page sends.

        Raises:
            UsageError: There is no such verb.
            InputError: The body is not what the page sends.
            VoicepipeError: What it asks for cannot be written.
        """
        if verb == "decide":
            return self._decide(parse_decisions_of(body))
        if verb == "news":
            try:
                return self._answer_updates(msgspec.json.decode(body, type=_Seen).seen)
            except msgspec.DecodeError as error:
                raise InputError(f"no question for news: {error}") from error
        raise UsageError(f'the page cannot ask for "{verb[:40]}"')

    def _decide(self, requests: tuple[Request, ...]) -> dict[str, Any]:
        job = _Job(requests)
        with self._changed:
            if self._ends:
                raise UsageError("the review has ended", remedy="start it again")
            self._jobs.append(job)
            self._changed.notify_all()
        written = job.done.wait(_WRITTEN_S)
        if job.fault is not None:
            raise job.fault
        with self._changed:
            return {
                "refused": job.refused,
                "held": not written,
                "cards": self._cards_of(job.keys) if written else [],
            }

    def _answer_updates(self, seen: int) -> dict[str, Any]:
        with self._changed:
            begin = min(max(0, seen), len(self._updates))
            self._changed.wait_for(lambda: self._ends or len(self._updates) > begin, _NEWS_S)
            updates = self._updates[begin:]
            keys = dict.fromkeys(key for one in updates for key in one.keys)
            return {
                "seen": len(self._updates),
                "cards": self._cards_of(keys),
                "places": dict(self._places) if keys else {},
                "said": [one.said for one in updates if one.said],
            }

    def _cards_of(self, keys: Iterable[Key]) -> list[dict[str, Any]]:
        return [self._cards[key] for key in keys if key in self._cards]

    def _say(self, said: str, keys: Iterable[Key] = ()) -> None:
        with self._changed:
            self._updates.append(_Update(said=said, keys=tuple(keys)))
            self._changed.notify_all()

    # The thread that holds the lock when it is needed

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ends or bool(self._jobs))
                jobs = list(self._jobs)
                self._jobs.clear()
                if not jobs and self._ends:
                    return
            due = [key for job in jobs for key in self._write(job)]
            if due and not self._ends:
                self._retake(list(dict.fromkeys(due)))

    def _write(self, job: _Job) -> list[Key]:
        """Write one message's decisions; give the lines that want another take."""
        try:
            decided = take_in(self._production, job.requests, command=COMMAND)
        except VoicepipeError as fault:
            job.fault = fault
            job.done.set()
            self._say(f"not written: {fault.message}")
            return []
        job.refused = [
            {"line": one.request.line, "language": one.request.language, "reason": one.reason}
            for one in decided.refused
        ]
        self.n_decided += len(decided.applied)
        with self._changed:
            self._renew(job.keys, decided.decisions)
        job.done.set()
        self._say("", job.keys)
        return [
            (one.line, one.language)
            for one in (*decided.applied, *decided.unchanged)
            if one.verb is Verb.RETAKE
        ]

    def _renew(self, keys: Iterable[Key], decisions: Decisions) -> None:
        """Bring cards up to date with what was decided; the caller holds the condition."""
        produced = {one.key: one for one in self._production.produced}
        for key in keys:
            one, card = produced.get(key), self._cards.get(key)
            if one is not None and card is not None:
                state = line_state(decisions, *key, one.entry)
                self._cards[key] = {**card, **said_facts(state, one.entry)}

    def _retake(self, keys: list[Key]) -> None:
        names = ", ".join(f"{line} ({language})" for line, language in keys[:3])
        rest = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
        self._say(f"making another take of {names}{rest} …")
        try:
            failed: list[str] = []
            for language in sorted({key[1] for key in keys}):
                failed += self._render(language, [key[0] for key in keys if key[1] == language])
            with self._changed:
                self._production = read_production(self._root)
                self._build()
        except VoicepipeError as fault:
            self._say(f"no other take: {_why(fault)}")
            return
        if failed:
            self._say(f"no other take: {failed[0]}", keys)
        else:
            self._say(f"there is another take of {names}{rest}", keys)

    def _render(self, language: str, lines: list[str]) -> list[str]:
        selection = Selection(lines=frozenset(lines), languages=frozenset({language}))
        options = replace(self._options, selection=selection)
        report = render_folder(
            self._root, options, on_event=self._on_event, stop=self._stop, starter=self._starter
        )
        return [f"{one.line_id}: {one.reason}" for one in report.failed if one.line_id in lines]

    def _build(self) -> None:
        production = self._production
        lines = production.chosen(resolve(production, self._wanted))
        written = build_review(
            production,
            lines,
            self._folder,
            form=self._form,
            served=True,
            is_kept=self._is_kept,
            on_lines=lambda _: None,
        )
        self._cards = {one.key: facts for one, facts in zip(lines, written.data.cards, strict=True)}
        self._places = written.data.places


def _why(fault: VoicepipeError) -> str:
    """Say what stands in the way, in one sentence."""
    found = fault.diagnostics if isinstance(fault, InputError) else ()
    errors = [one for one in found if one.severity is Severity.ERROR]
    return f"{errors[0].message} [{errors[0].code}]" if errors else fault.message
