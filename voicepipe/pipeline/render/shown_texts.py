"""Lines that have no clip: what a version says of them all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.bank.manifest import ShownText
from voicepipe.bank.manifest_io import entry_order
from voicepipe.screenplay.syntax import Language

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicepipe.screenplay.line import Line, LineText
    from voicepipe.settings import Settings


def shown_texts(lines: Iterable[Line], settings: Settings) -> tuple[ShownText, ...]:
    """List what is shown and not spoken: lines without a voice, and languages without one.

    Returns:
        By language, then in the order of the script.
    """
    found = [
        _shown(line, language, text)
        for line in lines
        for language in (settings.text_languages if line.is_voiced else settings.all_languages)
        if (text := line.texts.get(Language(language))) is not None
    ]
    return tuple(sorted(found, key=entry_order))


def _shown(line: Line, language: str, text: LineText) -> ShownText:
    return ShownText(
        line=line.id,
        base_line=line.base_id,
        language=language,
        speaker=line.speaker,
        text=text.plain,
        note=line.note,
        scene=line.scene,
        node=line.node,
        bark_set=line.bark_set,
        position=line.position,
        tags=line.tags,
        variant=line.variant,
        before=line.before,
        after=line.after,
        script=str(text.span),
        stale=text.is_stale,
        placeholders=text.placeholders,
        is_choice=line.is_choice,
    )
