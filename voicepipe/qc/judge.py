"""Who decides whether an engine's answer becomes a take: between the engine and the store.

A judge sees all that was made for a line so far. It accepts one of the attempts, asks for another,
or refuses the line. It knows nothing of files, stores or processes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from voicepipe.engines.registry import made_by_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicepipe.engines.protocol import Rendered
    from voicepipe.errors import RenderError

DEFAULT_JUDGE = "voicepipe.qc.speech_judge:SpeechJudge"
"""`module:class`, imported where it judges."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found out about the chosen attempt; stored as an annotation of the take."""

    analyser: str
    """Lower-case letters, digits and dashes."""
    revision: str
    """Of the analyser's rules, models and settings; spelt like its name."""
    content: bytes
    suffix: str = ".json"
    """What kind of object the content is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One of the attempts becomes the take."""

    chosen: Rendered
    """The latest, or an earlier one that is better; with sound."""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnotherAttempt:
    """None of the attempts will do yet: the line is rendered again, with the next seed.

    When no attempt is left the line fails.
    """

    error: RenderError
    """What is wrong with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """None of the attempts will do, and another would not either: the line fails."""

    error: RenderError
    """What is wrong with them."""


Verdict = Accepted | AnotherAttempt | Refused


class Judge(Protocol):
    """Decides line by line. One is made in every process that finishes takes."""

    def judge(self, attempts: Sequence[Rendered], *, n_left: int) -> Verdict:
        """Decide what becomes of a line.

        Args:
            attempts: All that was made for it, oldest first, each with the request and the seed it
                was made from; at least one. What an engine itself refused is among them, without
                sound and with the reason.
            n_left: How many more may be made; 0: this is the last word.
        """
        ...


def judge_named(path: str, *, root: Path | None = None) -> Judge:
    """Make a judge.

    Args:
        path: `module:class`; the class takes no arguments, or has a `for_project(root)`.
        root: The project, for judges with models of their own; None: the current folder.

    Raises:
        ImportError: There is no such module.
        AttributeError: There is no such class in it.
    """
    return cast("Judge", made_by_name(path, root=root))
