"""Where a production stands: every line in every language, its clip, and what people said of it.

Reads scripts, decisions and the latest version; needs no voices, and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.bank.decisions_file import load_decisions
from voicepipe.bank.line_state import line_state
from voicepipe.bank.versions import latest, load_version
from voicepipe.diagnostics import Severity
from voicepipe.memory import collection_paused
from voicepipe.pipeline.project import input_error
from voicepipe.pipeline.slots import slot_state
from voicepipe.screenplay.formats.loader import load_screenplay
from voicepipe.screenplay.lines.resolve import resolve_lines
from voicepipe.screenplay.speech_length import estimate_seconds
from voicepipe.screenplay.syntax import Language
from voicepipe.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.bank.decisions import Decisions
    from voicepipe.bank.line_state import LineState
    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.bank.versions import Version
    from voicepipe.pipeline.selection import Selection
    from voicepipe.screenplay.line import Line, LineText
    from voicepipe.screenplay.syntax import Screenplay
    from voicepipe.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ProducedLine:
    """One line in one language, from script to decision."""

    line: Line
    language: str
    text: LineText | None
    """None: not translated yet."""
    entry: ManifestEntry | None
    """Its clip in the latest version; None: it has none."""
    state: LineState
    slot_state: str = ""
    """How its clip stands to its slot: see `voicepipe.pipeline.slots.slot_state`."""

    @property
    def verdict_name(self) -> str:
        """As tables and pages show it; empty where there is no clip."""
        return "" if self.entry is None else self.entry.verdict

    @property
    def key(self) -> tuple[str, str]:
        """(line, language)."""
        return self.line.id, self.language

    @property
    def shown_text(self) -> str:
        """As a subtitle shows it; empty where it is not translated."""
        return "" if self.text is None else self.text.plain

    @property
    def script(self) -> str:
        """`file:line:column`."""
        return str(self.line.span if self.text is None else self.text.span)

    @property
    def seconds(self) -> float:
        """Of its clip; about, from its text, where it has none."""
        if self.entry is not None:
            return self.entry.duration_s
        return estimate_seconds(self.shown_text, self.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Production:
    """A project's lines, and how far each has come."""

    root: Path
    settings: Settings
    screenplay: Screenplay
    lines: tuple[Line, ...]
    decisions: Decisions
    version: Version | None
    """The latest; None: nothing was published yet."""
    manifest: BankManifest | None
    produced: tuple[ProducedLine, ...]
    """By language as the settings list them, then in the order of the script."""

    @property
    def out(self) -> Path:
        """The output folder."""
        return self.root / self.settings.out

    def chosen(self, selection: Selection) -> tuple[ProducedLine, ...]:
        """Give the lines that a selection means, in its resolved form."""
        return tuple(one for one in self.produced if selection.has(one.line, one.language))


def read_production(root: Path) -> Production:
    """Read where a production stands.

    Raises:
        InputError: Settings, scripts or `decisions.csv` cannot be read.
        CorruptObject: The latest manifest is damaged.
        EnvironmentFault: A file cannot be read.
    """
    with collection_paused():
        settings, problems = load_settings(root)
        if settings is None:
            raise input_error(root, problems)
        loaded = load_screenplay(root, settings)
        lines, found = resolve_lines(
            loaded.screenplay,
            languages=[Language(tag) for tag in settings.languages],
            source_language=Language(settings.source_language),
        )
        errors = [d for d in (*loaded.diagnostics, *found) if d.severity is Severity.ERROR]
        if errors:
            raise input_error(root, errors)
        out = root / settings.out
        decisions = load_decisions(root, out)
        version = latest(out, settings.bank)
        manifest = None if version is None else load_version(version)
        entries = {} if manifest is None else {(e.line, e.language): e for e in manifest.entries}
        return Production(
            root=root,
            settings=settings,
            screenplay=loaded.screenplay,
            lines=lines,
            decisions=decisions,
            version=version,
            manifest=manifest,
            produced=tuple(
                _produced(settings, line, language, entries.get((line.id, language)), decisions)
                for language in settings.languages
                for line in lines
                if line.is_voiced
            ),
        )


def _produced(
    settings: Settings,
    line: Line,
    language: str,
    entry: ManifestEntry | None,
    decisions: Decisions,
) -> ProducedLine:
    return ProducedLine(
        line=line,
        language=language,
        text=line.texts.get(Language(language)),
        entry=entry,
        state=line_state(decisions, line.id, language, entry),
        slot_state=slot_state(settings, entry),
    )
