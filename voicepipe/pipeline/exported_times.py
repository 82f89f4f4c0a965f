"""Mouths and subtitles of exported clips, made where they are written and nowhere else."""

from __future__ import annotations

from dataclasses import asdict
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from voicepipe.exporters.timed import SUBTITLES, SUFFIXES, set_of
from voicepipe.hashing import sha256_of_json

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.exporters.protocol import TimedFile
    from voicepipe.hashing import Json
    from voicepipe.lipsync.timing import ClipTiming
    from voicepipe.pipeline.clip_times import ClipTimer
    from voicepipe.pipeline.project import Project

_AT_ONCE: Final = 64
"""Clips whose times are held: the files of one are written near each other."""


class TimedContents:
    """Makes the files of clips that follow from their times.

    Args:
        root: The project root; its scripts are read when the first such file is asked for.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._timings: dict[str, ClipTiming] = {}
        self._keys: dict[tuple[str, str], str] = {}

    @cached_property
    def _project(self) -> Project:
        from voicepipe.pipeline.project import load_project  # noqa: PLC0415 - reads every script

        return load_project(self._root)

    @cached_property
    def _timer(self) -> ClipTimer:
        from voicepipe.pipeline.clip_times import clip_timer  # noqa: PLC0415 - loads numpy

        return clip_timer(self._project)

    @cached_property
    def _can_align(self) -> bool:
        """Tell whether times that are only estimated would be found better today."""
        return all(find_spec(name) is not None for name in ("torch", "torchaudio"))

    def made_from(self, file: TimedFile) -> str:
        """Say what a file follows from: the clip's times, and how they are written."""
        facts: list[Json] = [self._key(file.clip.entry), self._can_align, file.form]
        if file.form in SUBTITLES:
            facts += self._caption_facts(file.clip.entry)
        else:
            from voicepipe.lipsync.forms import MOUTHS_REVISION  # noqa: PLC0415 - loads numpy

            facts += [MOUTHS_REVISION, file.sound]
        return sha256_of_json(facts)

    def _caption_facts(self, entry: ManifestEntry) -> list[Json]:
        from voicepipe.pipeline.subtitle_files import rules_for, speaker_of  # noqa: PLC0415
        from voicepipe.subtitles.writing import CAPTIONS_REVISION  # noqa: PLC0415

        rules = asdict(rules_for(entry.language, self._project.settings))
        return [CAPTIONS_REVISION, rules, speaker_of(entry, self._project), entry.line]

    def read(self, file: TimedFile) -> bytes:
        """Make a file; its clip's times are found where nobody has yet.

        Raises:
            CorruptObject: The clip is missing from the store, or damaged.
            EnvironmentFault: Times cannot be stored.
        """
        timing = self._timing(file.clip.entry)
        if file.form in SUBTITLES:
            from voicepipe.pipeline.subtitle_files import clip_captions, written  # noqa: PLC0415

            return written(file.form, clip_captions(file.clip.entry, timing, self._project))
        from voicepipe.lipsync.forms import SETS  # noqa: PLC0415 - loads numpy

        return SETS[set_of(file.form)].write(timing, file.sound)[SUFFIXES[file.form]]

    def _key(self, entry: ManifestEntry) -> str:
        """Give the key of a clip's times; every file of a clip asks for it."""
        clip = (entry.line, entry.language)
        if clip not in self._keys:
            self._keys[clip] = self._timer.key_of(entry)
        return self._keys[clip]

    def _timing(self, entry: ManifestEntry) -> ClipTiming:
        key = f"{entry.clip_key}.{self._key(entry)}"
        if key not in self._timings:
            (timed,) = self._timer.times([entry])
            if len(self._timings) >= _AT_ONCE:
                del self._timings[next(iter(self._timings))]
            self._timings[key] = timed.timing
        return self._timings[key]
