"""The times of published clips: found once, kept as annotations of their clips."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.audio.inserted import without_sounds
from voicepipe.audio.resample import resample
from voicepipe.audio.wav import decode_clip, read_clip
from voicepipe.bank.plan import RECORDED
from voicepipe.bank.records import AnnotationRecord
from voicepipe.bank.take_store import TakeStore
from voicepipe.clock import utc_now
from voicepipe.errors import CorruptObject
from voicepipe.hashing import sha256_of_bytes, sha256_of_json
from voicepipe.lipsync.spoken import spoken_line
from voicepipe.lipsync.times import NOT_INSTALLED, TIMES_REVISION, clip_timing
from voicepipe.lipsync.timing import ClipTiming, parse_timing
from voicepipe.synthesis.alignment import ALIGNMENT, ALIGNMENT_REVISION, parse_alignment
from voicepipe.text.languages import Language
from voicepipe.text.lexicon import load_lexicon
from voicepipe.text.written_words import SILENT
from voicepipe.voices.voice import VoiceId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from voicepipe.audio.clip import AudioClip
    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.hashing import Json
    from voicepipe.lipsync.spoken import SpokenLine
    from voicepipe.pipeline.project import Project
    from voicepipe.screenplay.line import Segment
    from voicepipe.text.lexicon import Lexicon
    from voicepipe.voices.voice import CastLine, SoundClip

TIMES: Final = "alignment"
"""The analyser's name under which a clip's times are kept."""
_HASH_DIGITS: Final = 24
_COMPARED_HZ: Final = 8_000
_MOST_OFF: Final = 0.02
"""Share of a clip's power that may be left when its take is taken away from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedClip:
    """A published clip and its times."""

    entry: ManifestEntry
    timing: ClipTiming
    is_new: bool
    """Whether they were found just now."""


class ClipTimer:
    """Finds, or looks up, when the phonemes and words of published clips sound.

    Args:
        out: The output folder.
        lexicon: How words are pronounced.
        cast: The lines as they are cast now; says how they are respelled.
        root: The project, where the sounds of its voices lie; None: the current folder.
    """

    def __init__(
        self, out: Path, lexicon: Lexicon, cast: Sequence[CastLine], root: Path | None = None
    ) -> None:
        self._take_store = TakeStore(out)
        self._lexicon = lexicon
        self._segments: dict[tuple[str, str, str], tuple[Segment, ...]] = {
            (one.line.id, one.language, one.text.plain): one.text.segments for one in cast
        }
        self._sounds = {one.voice.id: one.voice.sounds for one in cast}
        self._root = root

    def times(self, entries: Iterable[ManifestEntry]) -> Iterator[TimedClip]:
        """Give the times of clips, one after another.

        Raises:
            SpellingError: A respelling cannot be read.
            CorruptObject: A clip is missing from the store, or damaged.
            EnvironmentFault: Times cannot be stored.
        """
        for entry in entries:
            yield self._timed(entry)

    def key_of(self, entry: ManifestEntry) -> str:
        """Say what the times of a clip follow from: other times have another key."""
        return self._revision(entry, self._segments_of(entry))

    def _segments_of(self, entry: ManifestEntry) -> Sequence[Segment]:
        return self._segments.get((entry.line, entry.language, entry.text), ())

    def _timed(self, entry: ManifestEntry) -> TimedClip:
        segments = self._segments_of(entry)
        revision = self._revision(entry, segments)
        stored = self._take_store.find_annotation(entry.clip_key, TIMES, revision)
        if stored is not None:
            return TimedClip(entry=entry, timing=parse_timing(stored.content), is_new=False)
        spoken = spoken_line(
            entry.text,
            segments,
            language=entry.language,
            lexicon=self._lexicon,
            speaker=entry.speaker,
        )
        content = self._take_store.objects.read(entry.sha256)
        clip = decode_clip(content, f"{entry.line} ({entry.language})")[0]
        clip = self._words_alone(clip, entry, segments)
        timing = clip_timing(
            clip, spoken, language=entry.language, known=self._known(entry, clip, spoken)
        )
        # A guess for want of a library is no longer good once it is installed.
        if not timing.why.endswith(NOT_INSTALLED):
            self._keep(entry, revision, timing.content())
        return TimedClip(entry=entry, timing=timing, is_new=True)

    def _revision(self, entry: ManifestEntry, segments: Sequence[Segment]) -> str:
        """Tell apart whatever other times would be found for, without reading the text aloud."""
        says: list[Json] = [[one.text, one.say] for one in segments if one.say is not None]
        pronounced: list[Json] = [
            [match.start, spelling.notation.value, spelling.value, spelling.language.value]
            for language in Language
            for match in self._lexicon.find(entry.text, language, entry.speaker)
            for spelling in (match.entry.spelling,)
        ]
        facts: list[Json] = [entry.sha256, entry.language, entry.text, says, pronounced]
        sounds = self._sounds_of(entry, segments)
        if sounds:
            facts.append([sound.sha256 for sound in sounds])
        return f"{TIMES_REVISION}-{sha256_of_json(facts)[:_HASH_DIGITS]}"

    def _sounds_of(
        self, entry: ManifestEntry, segments: Sequence[Segment]
    ) -> tuple[SoundClip, ...]:
        """List the clips that may stand in a line in place of words."""
        names = {segment.sound for segment in segments if segment.sound}
        if not names or entry.source == RECORDED:
            return ()
        known = self._sounds.get(VoiceId(entry.voice), ())
        return tuple(sound for sound in known if sound.name in names)

    def _words_alone(
        self, clip: AudioClip, entry: ManifestEntry, segments: Sequence[Segment]
    ) -> AudioClip:
        """Take laughs and sighs out: no phoneme is in them, and the mouth rests."""
        paths = [(self._root or Path()) / one.path for one in self._sounds_of(entry, segments)]
        return without_sounds(clip, [read_clip(path) for path in paths if path.is_file()])

    def _keep(self, entry: ManifestEntry, revision: str, content: bytes) -> None:
        record = AnnotationRecord(
            key=f"{entry.clip_key}.{TIMES}.{revision}",
            subject=entry.clip_key,
            analyser=TIMES,
            revision=revision,
            voice=entry.voice,
            object_id=sha256_of_bytes(content),
            object_suffix=".json",
            created=utc_now(),
        )
        self._take_store.annotate(record, content)

    def _known(
        self, entry: ManifestEntry, clip: AudioClip, spoken: SpokenLine
    ) -> Sequence[tuple[float, float]] | None:
        """What the engine said of the take, moved to where the take lies in the clip."""
        found = self._take_store.find_annotation(entry.take_key, ALIGNMENT, ALIGNMENT_REVISION)
        record = self._take_store.takes.get(entry.take_key) if found is not None else None
        if found is None or record is None:
            return None
        said = parse_alignment(found.content).phonemes
        said = tuple(one for one in said if one.phoneme not in SILENT)
        if tuple(one.phoneme for one in said) != spoken.phonemes:
            return None
        try:
            content = self._take_store.objects.read(record.object_id)
        except CorruptObject:  # reported and set aside; the clip itself is there
            return None
        shift_s = shift_between(decode_clip(content, f"take {record.key}")[0], clip)
        if shift_s is None:
            return None
        return [(one.start_s + shift_s, one.end_s + shift_s) for one in said]


def clip_timer(project: Project) -> ClipTimer:
    """Prepare to find the times of a project's clips."""
    lexicon, _ = load_lexicon(project.root, project.settings.lexicon)
    return ClipTimer(project.out, lexicon, project.cast, project.root)


def shift_between(take: AudioClip, clip: AudioClip) -> float | None:
    """Find where a take lies in the clip that was made of it.

    Returns:
        Seconds from the clip's first sample to the take's, below 0 when its beginning was cut
        off; None when the clip does not hold the take.
    """
    sounds = [resample(one, _COMPARED_HZ).samples.astype(np.float64) for one in (take, clip)]
    size = 1 << int(np.ceil(np.log2(sum(map(len, sounds)))))
    spectra = [np.fft.rfft(samples, size) for samples in sounds]
    likeness = np.fft.irfft(spectra[1] * np.conj(spectra[0]), size)
    best = int(np.argmax(likeness))
    powers = [float(samples @ samples) for samples in sounds]
    if likeness[best] ** 2 < (1 - _MOST_OFF) * powers[0] * powers[1]:
        return None
    return (best if best < size // 2 else best - size) / _COMPARED_HZ
