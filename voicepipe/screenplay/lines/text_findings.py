"""What is wrong with texts, collected while lines are resolved.

Missing and stale texts are summed up a scene once there are many: a language that has just been
begun is one fact, not ten thousand.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from voicepipe.documents.positions import inner_span
from voicepipe.screenplay.codes.stories import diagnose
from voicepipe.screenplay.hints import Hints
from voicepipe.screenplay.lines.variants import MAX_CLIPS_A_LINE, count_values
from voicepipe.screenplay.placeholders import variables_in
from voicepipe.screenplay.speech_length import SLOWEST_CHARACTER_S, estimate_seconds
from voicepipe.screenplay.story.story_steps import declared_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from voicepipe.diagnostics import Diagnostic, SourceSpan
    from voicepipe.screenplay.line import LineText
    from voicepipe.screenplay.lines.variants import ClipSet
    from voicepipe.screenplay.syntax import DialogueLine, Language, Option, SourceText, Variable

LONG_LINE_S = 45
"""Longer takes wander in tone, and no subtitle holds them."""
EACH_AT_MOST = 10
"""Up to here lines of a scene are named one by one."""

_Lacking = dict[tuple[str, str, "Language"], list["DialogueLine"]]


class TextFindings:
    """Collects diagnostics about texts; the same thing is said once."""

    def __init__(self, *, source_language: Language, variables: Sequence[Variable]) -> None:
        self._source_language = source_language
        self._variables = declared_variables(variables)
        self._found: dict[Diagnostic, None] = {}
        self._lacking: _Lacking = {}
        self._hints = Hints()

    def __len__(self) -> int:
        return len(self._found) + sum(map(len, self._lacking.values()))

    def aside(self) -> TextFindings:
        """Give a collection that has found nothing yet, to be taken over by this one."""
        other = copy(self)
        other._found, other._lacking = {}, {}
        return other

    def take_over(self, other: TextFindings) -> None:
        """Add what another collection has found since."""
        self._found |= other._found
        for key, lines in other._lacking.items():
            self._lacking.setdefault(key, []).extend(lines)

    def diagnostics(self) -> list[Diagnostic]:
        """Everything found so far."""
        found = dict(self._found)
        for (code, scene, language), lines in self._lacking.items():
            for diagnostic in self._summed_up(code, scene, language, lines):
                found[diagnostic] = None
        return list(found)

    def missing(self, line: DialogueLine, scene: str, language: Language) -> None:
        """VP244: a line has no text in a language."""
        self._lacking.setdefault(("VP244", scene, language), []).append(line)

    def stale(self, line: DialogueLine, scene: str, language: Language) -> None:
        """VP245: the source has changed since a text was translated."""
        self._lacking.setdefault(("VP245", scene, language), []).append(line)

    def option_texts(self, option: Option) -> None:
        """VP243, VP212, VP216: an option that is shown and not spoken."""
        text = option.texts.get(self._source_language)
        if text is None or not text.raw.strip():
            message = f'this option has no text in "{self._source_language}"'
            self._add("VP243", option.span, message, "write what the player sees")
        self.variables_shown(option.texts.values(), is_spoken=False)

    def variables_shown(self, texts: Iterable[SourceText], *, is_spoken: bool) -> None:
        """VP212, VP216: texts show declared variables, and what is said for them is known."""
        for text in texts:
            for use in variables_in(text.raw):
                span = inner_span(text.span, text.raw, use.start, use.length)
                variable = self._variables.get(use.name)
                if variable is None:
                    message = f'variable "{use.name}" is not declared'
                    message += self._hints(use.name, self._variables)
                    remedy = "declare it with its values, or with what is spoken for it; "
                    self._add("VP212", span, message, remedy + "write {{ for a brace")
                else:
                    self._variable_shown(variable, span, is_spoken=is_spoken)

    def _variable_shown(self, variable: Variable, span: SourceSpan, *, is_spoken: bool) -> None:
        name = variable.name
        if variable.kind == "bool":
            message = f'"{name}" is a bool; texts show integers and text variables only'
            self._add("VP216", span, message, "write one line a value, with conditions")
        elif is_spoken and not variable.spoken and count_values(variable) is None:
            lacks = "values" if variable.kind == "text" else "min and max"
            message = f'nothing says what is spoken for "{name}": it has no {lacks} and no rule'
            remedy = f"give it {lacks} for a clip each, or spoken: what is said whatever it holds"
            self._add("VP216", span, message, remedy)

    def expansion(self, line: DialogueLine, clips: ClipSet) -> None:
        """VP248, VP249: the clips a line becomes can all be named."""
        if clips.n_clips > MAX_CLIPS_A_LINE:
            message = f'line "{line.id}" would become {clips.n_clips} clips; '
            message += f"the limit is {MAX_CLIPS_A_LINE}"
            self._add("VP249", line.span, message, "show fewer variables in one line")
        first, second = clips.clash
        if second:
            message = f'"{line.id}{first}" and "{line.id}{second}" differ only in case'
            self._add("VP248", line.span, message, "rename one of the values or members")
        short, long = clips.beginning
        if long:
            message = f'"{line.id}{short}" is the beginning of "{line.id}{long}"'
            remedy = "keep it if your engine looks for whole names; else rename one of the values"
            self._add("VP233", line.span, message, remedy)

    def wordless(self, name: str, what: str, language: Language) -> None:
        """VP247: a variable that is shown has no words in a language."""
        message = f'{what} says nothing in "{language}", and a text shows it'
        remedy = f"add {language}: to it"
        self._add("VP247", self._variables[name].span, message, remedy)

    def inline_tags(self, problems: Iterable[Diagnostic]) -> None:
        """Inline tags that cannot be read, as their own reader reports them."""
        for problem in problems:
            self._found[problem] = None

    def spoken(self, language: Language, text: LineText) -> None:
        """VP246, VP250: there is something to say, and not too much of it."""
        plain, span, segments = text.plain, text.span, text.segments
        if not any(map(str.isalnum, plain)) and not any(segment.say for segment in segments):
            message = "no letter is left once inline tags are taken away; the clip would be silent"
            remedy = "write words, or leave the text empty for now"
            if any(segment.sound for segment in segments):
                message = "a line needs words beside its sounds"
                remedy = "write words, or let a recording stand for the line"
            self._add("VP250", span, message, remedy)
        if len(plain) * SLOWEST_CHARACTER_S > LONG_LINE_S:
            seconds = estimate_seconds(plain, language)
            if seconds > LONG_LINE_S:
                message = f"about {seconds:.0f} s of speech; {LONG_LINE_S} s is long for a line"
                self._add("VP246", span, message, "split it into several lines")

    def _add(self, code: str, span: SourceSpan, message: str, remedy: str) -> None:
        self._found[diagnose(code, span, message, remedy)] = None

    def _summed_up(
        self, code: str, scene: str, language: Language, lines: list[DialogueLine]
    ) -> Iterable[Diagnostic]:
        lacks = "has no translation of its present source text"
        remedy = f"check it, or update source_hash in loc/{language}.csv"
        if code == "VP244":
            lacks = "has no text"
            remedy = f"add {language}: under its text, or a row to scripts_in/loc/{language}.csv"
        if len(lines) <= EACH_AT_MOST:
            for line in lines:
                name = f'line "{line.id}"' if line.id else "this line"
                span = _place(line, language) if code == "VP245" else line.span
                yield diagnose(code, span, f'{name} {lacks} in "{language}"', remedy)
            return
        message = f'scene "{scene}": {len(lines)} lines of which each {lacks} in "{language}"'
        message += f'; the first is "{lines[0].id}"' if lines[0].id else ""
        yield diagnose(code, lines[0].span, message, remedy)


def _place(line: DialogueLine, language: Language) -> SourceSpan:
    text = line.texts.get(language)
    return line.span if text is None else text.span
