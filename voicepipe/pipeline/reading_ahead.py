"""Texts of scripts that were just parsed, told to engines while the story is still looked at.

The first time a large project is read, half of the work is to read its lines aloud, which other
processes do. They need not wait until it is known how the story goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.engines.protocol import ReadsAhead, TextAhead
from voicepipe.screenplay.lines.resolve import segments_without_variables
from voicepipe.screenplay.story.story import spoken_in_scene
from voicepipe.screenplay.syntax import Language
from voicepipe.voices.casting import voice_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voicepipe.screenplay.formats.script_parts import ScriptParts
    from voicepipe.screenplay.syntax import DialogueLine
    from voicepipe.voices.catalog import Catalog
    from voicepipe.voices.voice import Voice


class ReadingAhead:
    """Tells engines what they will be asked to check; what that is in the end decides the check.

    Args:
        languages: That are spoken.
        catalog: Of the project.
        engine_of: Gives a voice's engine; None: there is none of its name.
    """

    def __init__(
        self,
        languages: Sequence[str],
        catalog: Catalog,
        engine_of: Callable[[Voice], object],
    ) -> None:
        self._languages = [Language(tag) for tag in languages]
        self._catalog = catalog
        self._engine_of = engine_of
        self._asked: dict[tuple[str, str, str], Voice | None] = {}
        self._engines: dict[str, ReadsAhead] = {}
        self._done: set[str] = set()
        """Engines that need not be told of more."""

    def close(self) -> None:
        """Let no engine read on: all was checked, or nobody will ask any more."""
        for engine in self._engines.values():
            engine.end_reading()

    def take(self, parts: ScriptParts, n_times: float) -> None:
        """Tell of a script's texts, but those whose words depend on a variable.

        Args:
            parts: What the script says.
            n_times: What all such scripts say, as a multiple of it.
        """
        texts: dict[str, list[TextAhead]] = {}
        for scene in parts.scenes:
            for line in spoken_in_scene(scene):
                if line.is_voiced and line.id:
                    for text in self._texts_of(line):
                        texts.setdefault(text.voice.engine, []).append(text)
        for name, some in texts.items():
            if not self._engines[name].read_ahead(some, n_times):
                self._done.add(name)

    def _texts_of(self, line: DialogueLine) -> Iterator[TextAhead]:
        for language in self._languages:
            text = line.texts.get(language)
            if text is None or "{" in text.raw or not text.raw.strip():
                continue
            voice = self._voice(line.who, language, line.emotion)
            if voice is not None and voice.engine not in self._done:
                yield TextAhead(
                    voice=voice,
                    speaker=line.who,
                    language=language,
                    segments=segments_without_variables(text),
                )

    def _voice(self, speaker: str, language: str, emotion: str) -> Voice | None:
        """Find who speaks such lines, if its engine reads ahead and it has a clip."""
        key = (speaker, language, emotion)
        if key not in self._asked:
            self._asked[key] = self._able(voice_of(self._catalog, *key))
        return self._asked[key]

    def _able(self, voice: Voice | None) -> Voice | None:
        if voice is None or not voice.clips:
            return None
        engine = self._engine_of(voice)
        if not isinstance(engine, ReadsAhead):
            return None
        self._engines[voice.engine] = engine
        return voice
