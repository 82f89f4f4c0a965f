"""Having a finished clip listened to, by every analyser that is asked for and can.

What was found out before is not listened for again. Nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from voicepipe.qc.registry import ANALYSER_PATHS, analysers_named
from voicepipe.qc.verdicts import Examined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from voicepipe.audio.clip import AudioClip
    from voicepipe.qc.analyser import Analyser, LineFacts
    from voicepipe.qc.findings import Findings
    from voicepipe.qc.verdicts import Standard


NOT_ASKED: Final = "it was not asked to listen"
NO_SUCH: Final = "this release of voicepipe does not have it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What a clip should be, what it is held to, and how often its line may be retaken."""

    line: LineFacts
    standard: Standard
    retakes: int = 0
    """While it fails, or more of it is misheard than `retake_above`."""
    retake_above: float = 1.0
    """Share of its words, from 0 to 1."""


class KnownFindings(Protocol):
    """What was found out about one clip already."""

    def find(self, analyser: str, revision: str) -> Findings | None:
        """Give it; None: nobody has listened for that yet."""
        ...


class _NothingKnown:
    def find(self, analyser: str, revision: str) -> None:
        """Nobody has listened to a clip that was just made."""


NOTHING_KNOWN: KnownFindings = _NothingKnown()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminerSetup:
    """What an examiner is made with, in whichever process."""

    analysers: tuple[str, ...]
    """Names of those that may listen."""
    root: Path | None = None
    """The project; None: the current folder."""
    paths: tuple[tuple[str, str], ...] = tuple(ANALYSER_PATHS.items())
    """Name and `module:class` of every analyser there is."""
    needs_all: bool = False
    """Whoever lacks one of them may not go on; False: what nobody judges is not judged."""

    @property
    def listens(self) -> bool:
        """Whether more is asked for than the signal alone, which takes models and time."""
        return any(name != "signal" for name in self.analysers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What is known of a clip after an examiner has had it."""

    known: tuple[Examined, ...] = ()
    """Found out before."""
    new: tuple[Examined, ...] = ()

    @property
    def all(self) -> tuple[Examined, ...]:
        """Both."""
        return (*self.known, *self.new)


class Examiner:
    """Listens to clips. Made once a process; its analysers hold their models."""

    def __init__(self, setup: ExaminerSetup) -> None:
        self.setup = setup

    @cached_property
    def _made(self) -> Mapping[str, Analyser]:
        paths = dict(self.setup.paths)
        made = analysers_named(self.setup.analysers, root=self.setup.root, paths=paths)
        return {one.name: one for one in made}

    @cached_property
    def unavailable(self) -> Mapping[str, str]:
        """Analyser → what it lacks here; of those that may listen."""
        lacking = dict.fromkeys(self.setup.analysers, NO_SUCH)
        lacking |= {name: one.unavailable() for name, one in self._made.items()}
        return {name: why for name, why in lacking.items() if why}

    def reads(self) -> tuple[Path, ...]:
        """Name the files of the project that those who can listen read, besides clips."""
        able = (one for name, one in self._made.items() if name not in self.unavailable)
        return tuple(dict.fromkeys(path for one in able for path in one.reads()))

    def why_not(self, line: LineFacts, standard: Standard) -> dict[str, str]:
        """Say of each analyser that is asked for and cannot judge a line why that is."""
        reasons = {name: self._why_not(name, line) for name in standard.analysers}
        return {name: why for name, why in reasons.items() if why}

    def _why_not(self, name: str, line: LineFacts) -> str:
        if name not in self.setup.analysers:
            return NOT_ASKED
        return self.unavailable.get(name) or self._made[name].not_judged(line)

    def wanted(self, line: LineFacts, standard: Standard) -> tuple[tuple[Analyser, str], ...]:
        """Name who can judge a clip here, each with the revision its findings are kept under."""
        return tuple(
            (one, f"{one.revision}-{one.depends_on(line)}")
            for one in self._made.values()
            if one.name in standard.analysers and not self._why_not(one.name, line)
        )

    def examine(
        self,
        clip: Callable[[], AudioClip],
        expected: Expectation,
        known: KnownFindings = NOTHING_KNOWN,
    ) -> Examination:
        """Find out all that is not known yet about a clip.

        Args:
            clip: Gives its sound, when anyone listens.
            expected: What it should be.
            known: What was found out before.

        Raises:
            EnvironmentFault: A model or a clip of the voice cannot be read.
        """
        old: list[Examined] = []
        new: list[Examined] = []
        for analyser, revision in self.wanted(expected.line, expected.standard):
            found = known.find(analyser.name, revision)
            heard = old if found is not None else new
            if found is None:
                found = analyser.analyse(clip(), expected.line)
            heard.append(Examined(analyser=analyser.name, revision=revision, findings=found))
        return Examination(known=tuple(old), new=tuple(new))
