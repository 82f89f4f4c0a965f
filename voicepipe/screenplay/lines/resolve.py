"""From what is written to what is spoken: variants, groups, inline tags, translations, neighbours.

It works out what every clip says; it does not judge the story's branches.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.reports import in_source_order
from voicepipe.screenplay.inline_tags import parse_inline_tags, plain_text, tag_places
from voicepipe.screenplay.line import Line, LineText
from voicepipe.screenplay.lines.text_findings import TextFindings
from voicepipe.screenplay.lines.variants import Clip, Variants, word_for
from voicepipe.screenplay.placeholders import substitute, variables_in
from voicepipe.screenplay.story.integrity import check_integrity
from voicepipe.screenplay.story.neighbours import find_neighbours
from voicepipe.screenplay.syntax import Choice, DialogueLine, LineId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.screenplay.line import Segment
    from voicepipe.screenplay.story.neighbours import Neighbours
    from voicepipe.screenplay.syntax import Language, Scene, Screenplay, SourceText


def resolve_lines(
    screenplay: Screenplay,
    *,
    languages: Sequence[Language],
    source_language: Language,
    text_languages: Sequence[Language] = (),
) -> tuple[tuple[Line, ...], list[Diagnostic]]:
    """Work out every clip of a screenplay and what it says in each language.

    Args:
        screenplay: As read from the files, translations included.
        languages: Those of the project; texts in others are left out.
        source_language: The one the script is written in.
        text_languages: Those that are shown and not spoken.

    Returns:
        The lines in script order, without those that have no id or an id that is taken; and what
        is wrong with ids, names and texts, in the order of files and lines. A text that is missing,
        or shows a value without words in its language, is absent from its line.
    """
    findings = TextFindings(source_language=source_language, variables=screenplay.variables)
    resolver = LineResolver(
        screenplay, find_neighbours(screenplay), languages, text_languages, findings
    )
    lines = tuple(resolver.lines(screenplay.scenes))
    problems = [*check_integrity(screenplay), *findings.diagnostics()]
    return lines, list(in_source_order(problems))


class LineResolver:
    """Resolves lines of scenes.

    Args:
        declared: Speakers and variables of the screenplay; nothing else of it is looked at.
        neighbours: Of the scenes' lines.
        languages: Those that are spoken.
        text_languages: Those that are shown and not spoken.
        findings: What is wrong with texts is added.
        first: Position of the first line.
    """

    def __init__(
        self,
        declared: Screenplay,
        neighbours: Neighbours,
        languages: Sequence[Language],
        text_languages: Sequence[Language],
        findings: TextFindings,
        first: int = 0,
    ) -> None:
        self._languages = (*languages, *text_languages)
        self._spoken_languages = frozenset(languages)
        self._variants = Variants(declared)
        self._neighbours = neighbours
        self._seen: set[LineId] = set()
        self._position = first
        self.findings = findings

    def lines(self, scenes: Iterable[Scene]) -> Iterator[Line]:
        """Give the lines of scenes, in their order; positions go on from those given before."""
        for scene in scenes:
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
            self.findings.variables_shown(texts.values(), is_spoken=line.is_voiced)
            uses = (use.name for text in texts.values() for use in variables_in(text.raw))
            shown = self._variants.varying(uses) if line.is_voiced else ()
        if not line.id or line.id in self._seen:
            return
        self._seen.add(line.id)
        said: dict[tuple[str, ...], Mapping[Language, LineText]] = {}
        for clip in self._clips_of(line, shown):
            values = tuple(clip.variant.values())
            if values not in said:
                said[values] = self._say(texts, clip, is_voiced=line.is_voiced)
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
                slots=line.slots,
                note=line.note,
                tags=line.tags,
                is_choice=is_choice,
                is_voiced=line.is_voiced,
                texts=said[values],
                variant=clip.variant,
                before=self._neighbours.before.get(line.id, ()),
                after=self._neighbours.after.get(line.id, ()),
                span=line.span,
            )
            self._position += 1

    def _clips_of(self, line: DialogueLine, shown: tuple[str, ...]) -> Sequence[Clip]:
        if not line.is_voiced:
            return (Clip(suffix="", speaker=line.who, variant={}),)
        expansion = self._variants.clips_of(line, shown)
        if expansion.n_clips != 1:
            self.findings.expansion(line, expansion)
        return expansion.clips

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

    def _say(
        self, texts: Mapping[Language, SourceText], clip: Clip, *, is_voiced: bool
    ) -> Mapping[Language, LineText]:
        """Fill in a clip's values and take the inline tags out."""
        said: dict[Language, LineText] = {}
        for language, text in texts.items():
            is_spoken = is_voiced and language in self._spoken_languages
            if "{" not in text.raw:
                said[language] = _without_variables(text)
                if is_spoken:
                    self.findings.spoken(language, said[language])
                continue
            shown = self._words(clip.variant, language, text.raw)
            rules = self._rules(language, text.raw) if is_spoken else {}
            if shown is None or rules is None:
                continue
            said[language] = self._filled_in(text, shown, rules)
            if is_spoken:
                self.findings.spoken(language, said[language])
        return said

    def _filled_in(
        self, text: SourceText, shown: Mapping[str, str], rules: Mapping[str, str]
    ) -> LineText:
        """Fill in words that are shown and spoken, and words that are only spoken."""
        words = {**shown, **rules}
        filled_in = substitute(text.raw, words)
        segments, problems = parse_inline_tags(filled_in, text.span)
        if any("[" in word for word in words.values()):
            self.findings.inline_tags(
                problems
            )  # those of the text itself are reported by its reader
        names = dict.fromkeys(use.name for use in variables_in(text.raw))
        as_shown = segments
        if rules:
            as_shown, _ = parse_inline_tags(substitute(text.raw, shown), text.span)
        return LineText(
            plain=plain_text(as_shown),
            segments=segments,
            placeholders=tuple(name for name in names if name not in shown),
            is_stale=text.is_stale,
            tag_places=tag_places(filled_in, text.span),
            span=text.span,
        )

    def _words(
        self, variant: Mapping[str, str], language: Language, raw: str
    ) -> dict[str, str] | None:
        """Look up what a language says for the values a text shows; None if it lacks one."""
        words: dict[str, str] = {}
        for name in {use.name for use in variables_in(raw)} & variant.keys():
            word = word_for(self._variants.declared[name], variant[name], language)
            if not word:
                self.findings.wordless(name, f'value "{variant[name]}" of "{name}"', language)
                return None
            words[name] = word
        return words

    def _rules(self, language: Language, raw: str) -> dict[str, str] | None:
        """Look up what is said in place of variables that have a rule; None if one lacks words."""
        rules: dict[str, str] = {}
        for name in dict.fromkeys(use.name for use in variables_in(raw)):
            variable = self._variants.declared.get(name)
            if variable is None or not variable.spoken:
                continue
            word = variable.spoken.get(language, "")
            if not word:
                self.findings.wordless(name, f'"{name}"', language)
                return None
            rules[name] = word
        return rules


def _without_variables(text: SourceText) -> LineText:
    """Take the inline tags out of a text that shows no variable: hardly any shows one."""
    segments = segments_without_variables(text)
    return LineText(
        plain=plain_text(segments),
        segments=segments,
        is_stale=text.is_stale,
        tag_places=tag_places(substitute(text.raw, {}), text.span),
        span=text.span,
    )


def segments_without_variables(text: SourceText) -> tuple[Segment, ...]:
    """Take the inline tags out of a text that shows no variable."""
    return parse_inline_tags(substitute(text.raw, {}), text.span)[0]
