"""What an export holds and lacks, language by language."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voicepipe.exporters.protocol import Export


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageReport:
    """One language of an export."""

    language: str
    name: str
    """What the user says the engine calls it; empty: nothing."""
    clips: int
    """Lines that are heard."""
    synthetic: int
    recorded: int
    scratch: int
    """Placeholders."""
    passed: int
    failed: int
    """Clips that a person or an analyser failed, and that are exported all the same."""
    unjudged: int
    outdated: int
    """Clips of an earlier text, voice or setting."""
    stale: int
    """Clips of a text that is older than its source."""
    fallback: tuple[str, ...]
    """Lines for which another language's clip stands in."""
    missing: tuple[str, ...]
    """Lines without a clip."""

    def as_json(self) -> dict[str, Any]:
        """Give the fields as JSON has them."""
        return {**asdict(self), "fallback": list(self.fallback), "missing": list(self.missing)}


def report_of(export: Export) -> tuple[LanguageReport, ...]:
    """Count, in the order of the export's languages."""
    missing: dict[str, list[str]] = {language: [] for language in export.languages}
    for row in export.missing:
        missing[row.language].append(row.line)
    reports = []
    for language, clips in export.by_language().items():
        sources = Counter(clip.entry.source for clip in clips)
        verdicts = Counter(clip.verdict for clip in clips)
        reports.append(
            LanguageReport(
                language=language,
                name=export.language_names.get(language, ""),
                clips=len(clips),
                synthetic=sources["synthetic"],
                recorded=sources["recorded"],
                scratch=sources["scratch"],
                passed=verdicts["passed"],
                failed=verdicts["failed"],
                unjudged=len(clips) - verdicts["passed"] - verdicts["failed"],
                outdated=sum(clip.entry.outdated for clip in clips),
                stale=sum(clip.entry.stale for clip in clips),
                fallback=tuple(clip.line for clip in clips if clip.fallback),
                missing=tuple(missing[language]),
            )
        )
    return tuple(reports)
