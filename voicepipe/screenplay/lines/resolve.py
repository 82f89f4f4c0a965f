"""From what is written to what is spoken: variants, groups, marks, translations, neighbours.

It works out what every clip says; it does not judge the story's branches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.reports import in_source_order
from voicepipe.screenplay.inline_tags import parse_inline_tags, plain_text
from voicepipe.screenplay.line import Line, LineText
from voicepipe.screenplay.lines.text_findings import TextFindings
from voicepipe.screenplay.lines.variants import Variants
from voicepipe.screenplay.placeholders import substitute, variables_in
from voicepipe.screenplay.story.integrity import check_integrity
from voicepipe.screenplay.story.neighbours import find_neighbours
from voicepipe.screenplay.syntax import Choice, DialogueLine, LineId

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.screenplay.lines.variants import Clip
    from voicepipe.screenplay.syntax import Language, Scene, Screenplay, SourceText


def resolve_lines(
    screenplay: Screenplay, *, languages: Sequence[Language], source_language: Language
) -> tuple[tuple[Line, ...], list[Diagnostic]]:
    """Work out every clip of a screenplay and what it says in each language.

    Args:
        screenplay: As read from the files, translations included.
        languages: Those of the project; texts in others are left out.
        source_language: The one the script is written in.

    Returns:
        The lines in script order, without those that have no id or an id that is taken; and what
        is wrong with ids, names and texts, in the order of files and lines. A text that is missing,
        or shows a value without words in its language, is absent from its line.
    """
    resolver = _Resolver(screenplay, languages, source_language)
    lines = tuple(resolver.lines())
    problems = [*check_integrity(screenplay), *resolver.findings.diagnostics()]
    return lines, list(in_source_order(problems))


class _Resolver:
    def __init__(
        self, screenplay: Screenplay, languages: Sequence[Language], source: Language
    ) -> None:
        self._screenplay = screenplay
        self._languages = tuple(languages)
        self._variants = Variants(screenplay)
        self._neighbours = find_neighbours(screenplay)
        self._seen: set[LineId] = set()
        self._position = 0
        self.findings = TextFindings(source_language=source, variables=self._variants.declared)

    def lines(self) -> Iterator[Line]:
        for scene in self._screenplay.scenes:
            for node in scene.nodes:
                for entry in node.entries:
                    if isinstance(entry, DialogueLine):
                        yield from self._resolve(entry, scene, node=node.id)
                    elif isinstance(entry, Choice):
                        yield from self._resolve_options(entry, scene, node.id)
            for barks in scene.barks:
                for line in barks.lines:
                    yield from self._resolve(line, scene, bark_set=barks.id)

    def _resolve_options(self, choice: Choice, scene: Scene, node: str) -> Iterator[Line]:
        for option in choice.options:
            if option.line is not None:
                yield from self._resolve(option.line, scene, node=node, is_choice=True)
            else:
                self.findings.option_texts(option)

    def _resolve(
        self,
        line: DialogueLine,
        scene: Scene,
        *,
        node: str = "",
        bark_set: str = "",
        is_choice: bool = False,
    ) -> Iterator[Line]:
        texts = self._texts_of(line, scene)
        shown: tuple[str, ...] = ()
        if any("{" in text.raw for text in texts.values()):
            self.findings.variables_shown(texts.values())
            uses = (use.name for text in texts.values() for use in variables_in(text.raw))
            shown = self._variants.text_variables(uses)
        if not line.id or line.id in self._seen:
            return
        self._seen.add(line.id)
        expansion = self._variants.clips_of(line, shown)
        if expansion.n_clips != 1:
            self.findings.expansion(line, expansion)
        said: dict[tuple[str, ...], Mapping[Language, LineText]] = {}
        for clip in expansion.clips:
            values = tuple(clip.variant.values())
            if values not in said:
                said[values] = self._say(texts, clip)
            yield Line(
                id=LineId(line.id + clip.suffix),
                base_id=line.id,
                scene=scene.id,
                node=node,
                bark_set=bark_set,
                position=self._position,
                speaker=clip.speaker,
                emotion=line.emotion,
                speed=line.speed,
                note=line.note,
                tags=line.tags,
                is_choice=is_choice,
                texts=said[values],
                variant=clip.variant,
                before=self._neighbours.before.get(line.id, ()),
                after=self._neighbours.after.get(line.id, ()),
                span=line.span,
            )
            self._position += 1

    def _texts_of(self, line: DialogueLine, scene: Scene) -> dict[Language, SourceText]:
        """Pick the texts that are written, in the order of the project's languages."""
        texts: dict[Language, SourceText] = {}
        for language in self._languages:
            text = line.texts.get(language)
            if text is not None and text.raw.strip():
                texts[language] = text
                if text.is_stale:
                    self.findings.stale(line, scene.id, language)
            else:
                self.findings.missing(line, scene.id, language)
        return texts

    def _say(self, texts: Mapping[Language, SourceText], clip: Clip) -> Mapping[Language, LineText]:
        """Fill in a clip's values and take the marks out."""
        said: dict[Language, LineText] = {}
        for language, text in texts.items():
            words = self._words(clip.variant, language, text.raw)
            if words is None:
                continue
            raw = substitute(text.raw, words)
            segments, problems = parse_inline_tags(raw, text.span)
            plain = plain_text(segments)
            if any("[" in word for word in words.values()):
                self.findings.marks(problems)  # marks of the text itself are reported by its reader
            self.findings.spoken(plain, language, text.span, segments)
            said[language] = LineText(
                plain=plain, segments=segments, is_stale=text.is_stale, span=text.span
            )
        return said

    def _words(
        self, variant: Mapping[str, str], language: Language, raw: str
    ) -> dict[str, str] | None:
        """Look up what a language says for the values a text shows; None if it lacks one."""
        words: dict[str, str] = {}
        if "{" not in raw:
            return words
        for name in {use.name for use in variables_in(raw)} & variant.keys():
            word = self._variants.declared[name].values[variant[name]].get(language, "")
            if not word:
                self.findings.wordless(name, variant[name], language)
                return None
            words[name] = word
        return words
