"""What a version says of how its clips stand: from the findings in the store and the settings.

Nobody listens here. A clip whose findings and limits are those of the latest version keeps what
that says of it, so that most are decided by the names of files alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from voicepipe.bank.annotations import analyser_of
from voicepipe.bank.clip_facts import ClipVerdicts, fields_of
from voicepipe.bank.record_fields import added_defaults
from voicepipe.hashing import SHORT_DIGITS, sha256_of_json
from voicepipe.qc.standards import standard_for
from voicepipe.qc.stored_findings import ENGINE_SCORES, StoredFindings, keys_by_subject
from voicepipe.qc.verdicts import ClipVerdict, Verdict, judge_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.bank.take_store import TakeStore
    from voicepipe.qc.verdicts import Standard
    from voicepipe.settings import Settings


class StoredVerdicts:
    """How the clips of one output folder stand.

    Args:
        settings: Of the project.
        take_store: Of its output folder.
        previous: The latest version.
    """

    def __init__(
        self, settings: Settings, take_store: TakeStore, previous: BankManifest | None
    ) -> None:
        self._settings = settings
        self._take_store = take_store
        self._keys = keys_by_subject(take_store)
        self._known = {entry.clip_key: entry for entry in previous.entries} if previous else {}
        self._standards: dict[tuple[str, str], Standard] = {}
        self._bases: dict[tuple[str, str, tuple[str, ...]], str] = {}

    def on(self, entries: Iterable[ManifestEntry]) -> tuple[ManifestEntry, ...]:
        """Give entries with what is known of their clips now.

        Raises:
            MadeByNewer: A newer release wrote findings.
            EnvironmentFault: The store cannot be read.
        """
        return tuple(self._with_verdict(entry) for entry in entries)

    def have_changed(self) -> bool:
        """Tell whether the latest version says anything that no longer holds."""
        return any(self._basis(entry) != entry.verdict_basis for entry in self._known.values())

    def of(self, entry: ManifestEntry, why_not: Mapping[str, str] | None = None) -> ClipVerdict:
        """Say in full how a clip stands.

        Args:
            entry: The clip's.
            why_not: Analyser → why it could not listen, where that is known.
        """
        standard = self._standard(entry)
        keys = self._keys.get(entry.clip_key, ())
        kept = StoredFindings(self._take_store, entry.clip_key)
        return judge_findings(standard, kept.newest(keys, standard.analysers), why_not)

    def _with_verdict(self, entry: ManifestEntry) -> ManifestEntry:
        basis = self._basis(entry)
        if basis == entry.verdict_basis:
            return entry
        if not basis:
            return replace(entry, **added_defaults(ClipVerdicts))
        known = self._known.get(entry.clip_key)
        if known is not None and basis == known.verdict_basis:
            return replace(entry, **fields_of(known, ClipVerdicts))
        return replace(entry, **self._facts(entry), verdict_basis=basis)

    def _facts(self, entry: ManifestEntry) -> dict[str, Any]:
        found = self.of(entry)
        return {
            "verdict": found.verdict.value,
            "judged": found.judged,
            "reasons": found.reasons,
            "scores": {**self._engine_scores(entry), **found.scores},
        }

    def _engine_scores(self, entry: ManifestEntry) -> Mapping[str, float]:
        kept = StoredFindings(self._take_store, entry.take_key)
        found = kept.newest(self._keys.get(entry.take_key, ()), (ENGINE_SCORES,))
        return found[0].findings.scores if found else {}

    def _basis(self, entry: ManifestEntry) -> str:
        """Empty: nothing is known of the clip."""
        keys = (*self._keys.get(entry.clip_key, ()), *self._keys.get(entry.take_key, ()))
        if not keys:
            return ""
        # Most clips were heard by the same analysers.
        asked = (entry.language, entry.voice, tuple(key.partition(".")[2] for key in keys))
        if asked not in self._bases:
            self._bases[asked] = self._basis_of(self._standard(entry), keys)
        return self._bases[asked]

    def _basis_of(self, standard: Standard, keys: Sequence[str]) -> str:
        counting = {*standard.analysers, ENGINE_SCORES}
        names = [key.partition(".")[2] for key in keys if analyser_of(key) in counting]
        return sha256_of_json([standard.fingerprint(), *names])[:SHORT_DIGITS] if names else ""

    def _standard(self, entry: ManifestEntry) -> Standard:
        key = (entry.language, entry.voice)
        if key not in self._standards:
            self._standards[key] = standard_for(
                self._settings.qc, language=entry.language, voice=entry.voice
            )
        return self._standards[key]


def count_verdicts(entries: Sequence[ManifestEntry]) -> dict[str, int]:
    """Count how clips stand, every kind of verdict."""
    counts = Counter(map(attrgetter("verdict"), entries))
    return {verdict.value: counts[verdict.value] for verdict in Verdict}
