"""Which text each recording speaks, and whether that still is its line's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.bank.decisions_csv import text_digest
from voicepipe.bank.plan import RECORDED
from voicepipe.bank.versions import load_latest
from voicepipe.documents.findings import finding
from voicepipe.errors import EnvironmentFault
from voicepipe.pipeline.codes import OUTDATED_RECORDING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from voicepipe.bank.decisions import Decisions
    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.pipeline.recordings import Recording
    from voicepipe.settings import Settings
    from voicepipe.voices.voice import CastLine


def spoken_texts(
    root: Path,
    settings: Settings,
    recordings: Mapping[tuple[str, str], Recording],
    decisions: Decisions,
    cast: Iterable[CastLine],
) -> dict[tuple[str, str], str]:
    """Say which text each recording speaks.

    What is noted holds. Of a recording that is not noted yet, the latest version says with which
    text it was published; of one that is new, the present text is taken for what it speaks.

    Args:
        root: The project root.
        settings: Name the output folder and the bank.
        recordings: By line and language.
        decisions: Hold the notes.
        cast: Lines with their present texts.

    Returns:
        (line, language) → mark of the text, of every recording whose line is spoken.
    """
    texts = {(one.line.id, one.language): one.text.plain for one in cast if recordings}
    noted = {
        key: decisions.recordings.get((*key, one.sha256))
        for key, one in recordings.items()
        if key in texts
    }
    published = {} if all(noted.values()) else _published(root, settings)
    spoken: dict[tuple[str, str], str] = {}
    for key, note in noted.items():
        before = published.get((*key, recordings[key].sha256))
        text = texts[key] if before is None else before.text
        spoken[key] = text_digest(text) if note is None else note.text
    return spoken


def _published(root: Path, settings: Settings) -> dict[tuple[str, str, str], ManifestEntry]:
    try:
        manifest = load_latest(root / settings.out, settings.bank)
    except EnvironmentFault:
        return {}  # planning tells of the damage
    return {
        (entry.line, entry.language, entry.take_key): entry
        for entry in (manifest.entries if manifest else ())
        if entry.source == RECORDED
    }


def outdated_findings(
    cast: Iterable[CastLine],
    recordings: Mapping[tuple[str, str], Recording],
    spoken: Mapping[tuple[str, str], str],
) -> dict[tuple[str, str], Diagnostic]:
    """Name every recording that speaks an earlier text, at the place of the present one."""
    found: dict[tuple[str, str], Diagnostic] = {}
    for one in cast if spoken else ():
        line, language = one.line.id, one.language
        digest = spoken.get((line, language))
        if digest is None or digest == text_digest(one.text.plain):
            continue
        shown = recordings[line, language].shown
        found[line, language] = finding(
            OUTDATED_RECORDING,
            one.text.span,
            f"{line} ({language}): its recording {shown} speaks an earlier text",
            "record it anew; or, where it still fits: "
            f"voicepipe bank confirm {line} --lang {language}",
        )
    return found
