"""Taking in what people decide: from the command line, from a review's file, from its page.

Each request is looked at on its own; what cannot be done is refused by name, and the rest is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from voicepipe.bank.decision_rows import words_fault
from voicepipe.bank.decisions_file import load_decisions, save_decisions
from voicepipe.bank.lock import bank_lock
from voicepipe.bank.pending_retakes import load_pending, save_pending
from voicepipe.bank.plan import RECORDED
from voicepipe.bank.reviews import Assessment, Review, ReviewKind, Status
from voicepipe.bank.take_store import TakeStore
from voicepipe.diagnostics import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from voicepipe.bank.decisions import Decisions
    from voicepipe.bank.pending_retakes import Pending
    from voicepipe.pipeline.production import ProducedLine, Production


class Verb(Enum):
    """What a person can decide about a line."""

    APPROVE = "approve"
    REJECT = "reject"
    RERECORD = "rerecord"
    RETAKE = "retake"
    PIN = "pin"
    UNPIN = "unpin"
    STATUS = "status"
    NOTE = "note"
    WITHDRAW = "withdraw"
    """Take back what was said: assessment and status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One decision that a person asks for."""

    verb: Verb
    line: str
    language: str
    words: str = ""
    """The reason of a rejection, or a note."""
    status: str = ""
    """With `STATUS`: one of the ladder."""
    sound: str = ""
    """sha256 of the clip the person heard; empty: the one that is published now."""
    seed: int | None = None
    """With `RETAKE`: instead of the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A decision that is not taken in, and why."""

    request: Request
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What became of requests."""

    applied: tuple[Request, ...]
    unchanged: tuple[Request, ...]
    """It was decided so before."""
    refused: tuple[Refused, ...]
    decisions: Decisions
    """All of the project, as they are now."""


class _Refusal(Exception):
    """Carries the reason to the one place that collects them."""


@dataclass(slots=True)
class _Intake:
    """Decisions while requests are taken in."""

    decisions: Decisions
    pending: Pending
    takes: TakeStore
    produced: Mapping[tuple[str, str], ProducedLine]
    applied: list[Request] = field(default_factory=list)
    unchanged: list[Request] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def take_in(self, request: Request) -> None:
        try:
            one = self._line_of(request)
            after = _DECIDE[request.verb](self, request, one)
        except _Refusal as refusal:
            self.refused.append(Refused(request=request, reason=str(refusal)))
            return
        (self.unchanged if after is self.decisions else self.applied).append(request)
        self.decisions = after

    def _line_of(self, request: Request) -> ProducedLine:
        one = self.produced.get((request.line, request.language))
        if one is None:
            known = {line for line, language in self.produced if language == request.language}
            if not known:
                raise _Refusal(f'the project has no language "{request.language}"')
            hint = did_you_mean(request.line, known)
            raise _Refusal(f'the project has no line "{request.line}"{hint}')
        now = "" if one.entry is None else one.entry.sha256
        if request.sound and request.sound != now:
            raise _Refusal("it sounds otherwise now: what was heard is not the present clip")
        fault = words_fault(request.words)
        if fault:
            raise _Refusal(f"its words cannot be kept: {fault}")
        return one


def _heard(one: ProducedLine) -> tuple[str, str]:
    if one.entry is None:
        raise _Refusal("it has no clip that could be judged; render it first")
    return one.entry.sha256, one.entry.take_key


def _assess(intake: _Intake, request: Request, one: ProducedLine) -> Decisions:
    value = _ASSESSMENTS[request.verb]
    if value is Assessment.REJECTED and not request.words:
        raise _Refusal("a rejection says why")
    sound, take = ("", "") if value is Assessment.RERECORD and not one.entry else _heard(one)
    review = Review(value=value.value, words=request.words, sound=sound, heard_take=take)
    return _with_review(intake.decisions, one, ReviewKind.ASSESSMENT, review)


def _with_review(
    decisions: Decisions, one: ProducedLine, kind: ReviewKind, review: Review
) -> Decisions:
    earlier = decisions.reviews.get((*one.key, kind), Review())
    said = (earlier.value, earlier.words, earlier.sound, earlier.heard_take)
    if said == (review.value, review.words, review.sound, review.heard_take):
        return decisions
    return decisions.with_review(*one.key, kind, review)


def _set_status(intake: _Intake, request: Request, one: ProducedLine) -> Decisions:
    if request.status not in {status.value for status in Status}:
        listed = ", ".join(status.value for status in Status)
        raise _Refusal(f'"{request.status}" is not a status: {listed}')
    sound, take = _heard(one) if one.entry else ("", "")
    if not sound and request.status != Status.WRITTEN.value:
        raise _Refusal(f"it has no clip, so it is not {request.status}; render it first")
    review = Review(value=request.status, words=request.words, sound=sound, heard_take=take)
    return _with_review(intake.decisions, one, ReviewKind.STATUS, review)


def _note(intake: _Intake, request: Request, one: ProducedLine) -> Decisions:
    return _with_review(intake.decisions, one, ReviewKind.NOTE, Review(words=request.words))


def _withdraw(intake: _Intake, _: Request, one: ProducedLine) -> Decisions:
    decisions = intake.decisions
    for kind in (ReviewKind.ASSESSMENT, ReviewKind.STATUS):
        if (*one.key, kind) in decisions.reviews:
            decisions = _with_review(decisions, one, kind, Review())
    return decisions


def _retake(intake: _Intake, request: Request, one: ProducedLine) -> Decisions:
    if one.entry is not None and one.entry.source == RECORDED:
        raise _Refusal("it is a recording: ask for it to be recorded again (rerecord)")
    return asked_again(intake.decisions, intake.pending, one.key, request.seed)


def asked_again(
    decisions: Decisions, pending: Pending, key: tuple[str, str], seed: int | None = None
) -> Decisions:
    """Give a line its next take, unless the one asked for last was never heard.

    Args:
        decisions: As they are.
        pending: Retakes that were asked for and not heard yet; this one is added.
        key: (line, language).
        seed: To use in place of the next one.
    """
    now = decisions.of(*key)
    if not now.pin and now.seed == seed and pending.get(key) == (now.take, now.seed):
        return decisions
    decisions = decisions.with_retake(*key, seed)
    pending[key] = (decisions.of(*key).take, seed)
    return decisions


def _pin(intake: _Intake, _: Request, one: ProducedLine) -> Decisions:
    _heard(one)
    assert one.entry is not None
    entry = one.entry
    if entry.source == RECORDED:
        raise _Refusal("it is a recording: it never changes by itself")
    if intake.decisions.of(*one.key).pin == entry.take_key:
        return intake.decisions
    if intake.takes.find_take(entry.take_key) is None:
        raise _Refusal("its take is no longer in the store; render the line again, then pin it")
    return intake.decisions.with_pin(*one.key, entry.take_key, entry.take)


def _unpin(intake: _Intake, _: Request, one: ProducedLine) -> Decisions:
    if not intake.decisions.of(*one.key).pin:
        return intake.decisions
    return intake.decisions.with_pin(*one.key, "")


_ASSESSMENTS: Final = {
    Verb.APPROVE: Assessment.APPROVED,
    Verb.REJECT: Assessment.REJECTED,
    Verb.RERECORD: Assessment.RERECORD,
}
_DECIDE: Final[Mapping[Verb, Callable[[_Intake, Request, ProducedLine], Decisions]]] = {
    Verb.APPROVE: _assess,
    Verb.REJECT: _assess,
    Verb.RERECORD: _assess,
    Verb.RETAKE: _retake,
    Verb.PIN: _pin,
    Verb.UNPIN: _unpin,
    Verb.STATUS: _set_status,
    Verb.NOTE: _note,
    Verb.WITHDRAW: _withdraw,
}


def take_in(production: Production, requests: Iterable[Request], *, command: str) -> Decided:
    """Write what people decided into `decisions.csv`.

    Args:
        production: Says which lines there are and how they sound now.
        requests: In the order in which they were decided.
        command: Holds the output folder's lock meanwhile.

    Raises:
        InputError: `decisions.csv` is not what we write.
        BankLocked: Another process writes to the output folder.
        EnvironmentFault: A file cannot be written.
    """
    out = production.out
    with bank_lock(out, command):
        before = load_decisions(production.root, out)
        intake = _Intake(
            decisions=before,
            pending=load_pending(out),
            takes=TakeStore(out),
            produced={one.key: one for one in production.produced},
        )
        for request in requests:
            intake.take_in(request)
        if intake.decisions != before:
            save_pending(out, intake.pending)
            save_decisions(production.root, intake.decisions)
    return Decided(
        applied=tuple(intake.applied),
        unchanged=tuple(intake.unchanged),
        refused=tuple(intake.refused),
        decisions=intake.decisions,
    )
