"""What a walk through the story shows for a line: names and words, no inline tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.screenplay.inline_tags import parse_inline_tags, plain_text
from voicepipe.screenplay.placeholders import substitute
from voicepipe.screenplay.story.story_steps import declared_variables, start_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.screenplay.expressions import State
    from voicepipe.screenplay.syntax import Language, Screenplay, SourceText, SpeakerId


class WalkText:
    """Reads texts in one language; text variables have their first value, or their start.

    What is spoken in place of a variable stands for it; integers are as `note` was told last.
    """

    def __init__(
        self, screenplay: Screenplay, *, language: Language, source_language: Language
    ) -> None:
        self._language = language
        self._source_language = source_language
        self._names = {s.id: s.names.get(language, s.id) for s in reversed(screenplay.speakers)}
        self._words: dict[str, str] = {}
        self.values: dict[str, str] = {}
        """Text variable → the value that is shown."""
        for name, variable in declared_variables(screenplay.variables).items():
            said: Mapping[Language, str] = variable.spoken
            value = ""
            if variable.kind == "int":
                value = str(start_value(variable) or 0)
            elif variable.values and not said:
                value = variable.start or next(iter(variable.values))
                said = variable.values.get(value, {})
                self.values[name] = value
            word = said.get(language) or said.get(source_language) or value
            if word:
                self._words[name] = word
        self._numbers = frozenset(
            v.name for v in screenplay.variables if v.kind == "int" and not v.spoken
        )

    def note(self, values: State) -> None:
        """Take note of what variables hold now."""
        self._words |= {name: str(values[name]) for name in self._numbers & values.keys()}

    def name_of(self, speaker: SpeakerId) -> str:
        """Give a speaker's display name, or their id where there is none."""
        return self._names.get(speaker, speaker)

    def say(self, texts: Mapping[Language, SourceText]) -> str:
        """Give the words; in the source language, marked so, when there is no translation."""
        text = texts.get(self._language)
        if text is not None:
            return self._plain(text)
        source = texts.get(self._source_language)
        if source is None:
            return "…"
        return f"({self._source_language}) {self._plain(source)}"

    def _plain(self, text: SourceText) -> str:
        segments, _ = parse_inline_tags(substitute(text.raw, self._words), text.span)
        return " ".join(plain_text(segments).split())
