"""What every analyser of a finished clip has in common, and what it is told of the line.

Knows nothing of files of the bank, limits, verdicts or commands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from voicepipe.text.lexicon import EMPTY_LEXICON

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.audio.clip import AudioClip
    from voicepipe.qc.findings import Findings
    from voicepipe.synthesis.slot import Slot
    from voicepipe.text.lexicon import Lexicon
    from voicepipe.text.records import Utterance


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceClip:
    """A recording of a voice: what its timbre is compared with, and whose words may leak."""

    path: Path
    """Absolute."""
    sha256: str
    """Of the file's bytes: it is listened to once."""
    transcript: str = ""
    """Empty for auxiliary clips."""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceFacts:
    """A voice and its own recordings."""

    id: str
    clips: tuple[VoiceClip, ...] = ()
    sounds: tuple[VoiceClip, ...] = ()
    """Its laughs and sighs: no words are looked for in them."""

    def moved(self, origin: Path, to: Path) -> VoiceFacts:
        """Say the same where the project lies elsewhere.

        Args:
            origin: The project's folder that the paths begin with.
            to: Its folder there.
        """
        clips, sounds = (
            tuple(replace(one, path=to / one.path.relative_to(origin)) for one in recordings)
            for recordings in (self.clips, self.sounds)
        )
        return replace(self, clips=clips, sounds=sounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """What a clip should be: all an analyser may know of its line."""

    line: str
    """Id, for messages."""
    language: str
    """BCP-47 tag of the line."""
    text: str
    """As written, without inline tags."""
    said: Utterance | None
    """The line read by our front end: style `SPOKEN`, `pads_short=False`, lexicon and respellings
    applied; its segments tell words and languages. None: no front end reads this language."""
    lexicon: Lexicon = EMPTY_LEXICON
    """The project's pronunciations: what is recognised is read with them too."""
    speaker: str = ""
    """Whose entries of the lexicon win."""
    voice: VoiceFacts
    other_voices: tuple[VoiceFacts, ...] = ()
    """The project's others, for which this clip must not be mistaken."""
    is_recording: bool = False
    """A human recording: its room and pace are its own."""
    has_sounds: bool = False
    """Some of the voice's sounds stand in the clip."""
    speed: float = 1.0
    """The delivery's, on which the shortest and longest possible length depend."""
    slot: Slot | None = None
    """What its speech has to fit; None: nothing."""
    pause_s: float = 0.0
    """The longest pause that the script asks for: no gap. Marks make shorter ones."""
    sample_rate: int | None = None
    """Hz, that the clip must have; None: any."""
    loudness_lufs: float | None = None
    """What the clip was levelled to; None: any."""

    @property
    def voices(self) -> tuple[VoiceFacts, ...]:
        """The line's own, then the others."""
        return (self.voice, *self.other_voices)

    def moved(self, origin: Path, to: Path) -> LineFacts:
        """Say the same where the project lies elsewhere, as `VoiceFacts.moved`."""
        others = tuple(voice.moved(origin, to) for voice in self.other_voices)
        return replace(self, voice=self.voice.moved(origin, to), other_voices=others)


class Analyser(Protocol):
    """Finds out one kind of thing about finished clips. Made once a process; may hold models."""

    @property
    def name(self) -> str:
        """Spelled as an annotation's analyser: lower-case letters, digits and dashes."""
        ...

    @property
    def revision(self) -> str:
        """Of its rules and models, spelled like its name, 20 characters at most.

        Cheap: loads no model.
        """
        ...

    def unavailable(self) -> str:
        """Say what it lacks here (a package, a model) and how to get it; empty when it can work.

        Cheap: loads no model.
        """
        ...

    def not_judged(self, line: LineFacts) -> str:
        """Say why it cannot judge this line; empty when it can."""
        ...

    def reads(self) -> tuple[Path, ...]:
        """Name the files of the project that it reads besides clips: models, and what lists them.

        Cheap: reads none of them. Machines that render for the project are sent these.
        """
        ...

    def depends_on(self, line: LineFacts) -> str:
        """Give a fingerprint of what the findings depend on besides the sound.

        Returns:
            12 hex digits: with the clip, the name and the revision they say which findings are
            still those of this line.
        """
        ...

    def analyse(self, clip: AudioClip, line: LineFacts) -> Findings:
        """Listen to a clip.

        Args:
            clip: As published or as recorded: any rate, any length.
            line: What it should be; one that `not_judged` accepts.

        Raises:
            EnvironmentFault: A model or a clip of the voice cannot be read.
        """
        ...
