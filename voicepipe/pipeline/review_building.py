"""Gathering what a review shows: lines, clips, earlier takes, verdicts, decisions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from voicepipe.audio.encodings import make_encoding
from voicepipe.bank.encoded_clips import encoded_clip
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import load_version, versions
from voicepipe.errors import CorruptObject
from voicepipe.pages.review_cards import Card, CardSlot, Sound
from voicepipe.pages.review_page import ReviewHead, write_review
from voicepipe.pipeline.export_ledger import note_page
from voicepipe.pipeline.listening import takes_to_choose
from voicepipe.pipeline.permissions import load_permissions
from voicepipe.pipeline.refused_clips import refused_clips
from voicepipe.pipeline.stored_verdicts import StoredVerdicts
from voicepipe.screenplay.syntax import Language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from voicepipe.bank.line_state import LineState
    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.bank.versions import Version
    from voicepipe.pages.review_page import ReviewData
    from voicepipe.pipeline.permissions import Permissions
    from voicepipe.pipeline.production import ProducedLine, Production
    from voicepipe.qc.verdicts import ClipVerdict
    from voicepipe.screenplay.syntax import SpeakerId

EARLIER_TAKES: Final = 3
"""Sounds before the present one that a review has of a line."""
EARLIER_VERSIONS: Final = 12
"""How far back it looks for them."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """What was written."""

    folder: Path
    n_lines: int
    n_sounds: int
    data: ReviewData


def build_review(
    production: Production,
    lines: Sequence[ProducedLine],
    target: Path,
    *,
    form: str = "wav",
    served: bool = False,
    is_kept: bool = True,
    on_lines: Callable[[int], None],
) -> Reviewed:
    """Write the folder of a review.

    Args:
        production: As it stands.
        lines: Those that are shown.
        target: The folder.
        form: Of the sounds: `wav` copies them; `flac`, `ogg`, `opus` or `mp3` make them smaller.
        served: A server takes the decisions.
        is_kept: The folder stays when the command has ended.
        on_lines: Told how many lines are done.

    Raises:
        UsageError: The folder holds something else, or there is no such form.
        EnvironmentFault: A sound cannot be read, or a file not be written.
    """
    permissions = load_permissions(production.root, production.settings)
    cards = review_cards(production, lines, permissions)
    manifest = production.manifest
    head = ReviewHead(
        bank=production.settings.bank,
        version="" if manifest is None else manifest.version,
        created="" if manifest is None else manifest.created,
        languages=production.settings.languages,
        served=served,
    )
    if is_kept:
        whose = (card.voice for card in cards if card.voice)
        note_page(production, target, "review", whose)
    data = write_review(
        target, head, cards, file_of=_SoundFiles(production, form), on_cards=on_lines
    )
    n_sounds = sum((card.sound is not None) + len(card.earlier) for card in cards)
    return Reviewed(folder=target, n_lines=len(cards), n_sounds=n_sounds, data=data)


class _SoundFiles:
    """Says under which name a sound lies in the page's folder, and where it comes from."""

    def __init__(self, production: Production, form: str) -> None:
        self._encoding = make_encoding(form)
        self._form = form
        self._takes = TakeStore(production.out)
        self._entries: Mapping[str, ManifestEntry] = {
            one.entry.sha256: one.entry for one in production.produced if one.entry
        }

    def __call__(self, sound: Sound) -> tuple[str, Path]:
        entry = self._entries.get(sound.sha256)
        if self._form == "wav" or entry is None:
            return f"{sound.sha256[:32]}.wav", sound.source
        made = encoded_clip(self._takes, entry, self._encoding)
        return f"{sound.sha256[:32]}{made.suffix}", made.path


def review_cards(
    production: Production, lines: Iterable[ProducedLine], permissions: Permissions
) -> list[Card]:
    """Say what the page shows of each line.

    A sound whose voice's consent does not allow it today is left out, as one that is not there.

    Raises:
        EnvironmentFault: An earlier version cannot be read.
    """
    earlier = _earlier_sounds(production, permissions)
    version, manifest = production.version, production.manifest
    refused = refused_clips(version, manifest, permissions) if version and manifest else {}
    verdicts = StoredVerdicts(production.settings, TakeStore(production.out), production.manifest)
    names = {speaker.id: speaker.names for speaker in reversed(production.screenplay.speakers)}
    return [
        _card(
            production,
            replace(one, entry=None) if one.key in refused else one,
            names,
            earlier.get(one.key, ()),
            None if one.entry is None else verdicts.of(one.entry),
        )
        for one in lines
    ]


def _card(
    production: Production,
    one: ProducedLine,
    names: Mapping[SpeakerId, Mapping[Language, str]],
    earlier: Sequence[Sound],
    verdict: ClipVerdict | None,
) -> Card:
    line, entry, state, version = one.line, one.entry, one.state, production.version
    shown = names.get(line.speaker, {})
    source = Language(production.settings.source_language)
    return Card(
        line=line.id,
        base=line.base_id,
        language=one.language,
        scene=line.scene,
        node=line.node or line.bark_set,
        character=line.speaker,
        name=shown.get(Language(one.language)) or shown.get(source) or line.speaker,
        voice="" if entry is None else entry.voice,
        emotion=line.emotion,
        direction=line.note,
        text=one.shown_text,
        script=one.script,
        before=line.before,
        after=line.after,
        source="" if entry is None else entry.source,
        sound=None if entry is None or version is None else _sound(version, entry),
        earlier=tuple(earlier),
        verdict=verdict,
        **said_facts(state, entry),
        outdated=entry is not None and entry.outdated,
        stale=one.text is not None and one.text.is_stale,
        slot=_slot(one),
    )


def _slot(one: ProducedLine) -> CardSlot | None:
    entry = one.entry
    if entry is None or entry.slot_s is None or entry.slot_difference_s is None:
        return None
    return CardSlot(
        seconds=entry.slot_s,
        difference_s=entry.slot_difference_s,
        state=one.slot_state,
        pace=entry.pace,
    )


def said_facts(state: LineState, entry: ManifestEntry | None) -> dict[str, Any]:
    """Give what people said of a line, as its card has it."""
    said = state.assessment
    return {
        "status": state.status.value,
        "assessment": said.value if said else "",
        "assessment_standing": said.validity.value if said else "",
        "reason": said.words if said else "",
        "note": state.note,
        "pinned": state.is_pinned,
        "retake_due": state.retake_is_due(entry),
    }


def _sound(version: Version, entry: ManifestEntry) -> Sound:
    return Sound(
        sha256=entry.sha256,
        source=version.path / entry.file,
        duration_s=entry.duration_s,
        loudness_lufs=entry.loudness_lufs,
        take=entry.take,
        version=version.name,
    )


def _earlier_sounds(production: Production, permissions: Permissions) -> dict[Key, list[Sound]]:
    """Find how else lines sound: takes to choose from, and those of earlier versions, newest first.

    Each sound is there once.
    """
    now = production.version
    if now is None or production.manifest is None:
        return {}
    heard: dict[Key, set[str]] = {
        (entry.line, entry.language): {entry.take_key, entry.sha256}
        for entry in production.manifest.entries
    }
    found = _candidates(production, heard)
    before = [one for one in versions(production.out, now.bank) if one.number < now.number]
    for version in reversed(before[-EARLIER_VERSIONS:]):
        try:
            entries = load_version(version).entries
        except CorruptObject:
            continue  # `bank verify` tells of it; what can be compared still is
        for entry in entries:
            key = (entry.line, entry.language)
            sounds = found.setdefault(key, [])
            known = heard.setdefault(key, set())
            is_known = not known.isdisjoint({entry.take_key, entry.sha256})
            if is_known or len(sounds) >= EARLIER_TAKES:
                continue
            refusal = permissions.refusal_of(entry.voice, entry.consent, entry.language)
            if refusal is None and (version.path / entry.file).is_file():
                known.add(entry.take_key)
                sounds.append(_sound(version, entry))
    return found


def _candidates(production: Production, heard: dict[Key, set[str]]) -> dict[Key, list[Sound]]:
    """Find the takes that were made to choose from; they are noted as heard."""
    found: dict[Key, list[Sound]] = {}
    for one in takes_to_choose(production.root, production.settings):
        key = (one.line, one.language)
        known = heard.setdefault(key, set())
        if one.path.stem in known:
            continue
        known.add(one.path.stem)
        sound = Sound(
            sha256=one.path.stem,
            source=one.path,
            duration_s=one.duration_s,
            loudness_lufs=one.loudness_lufs,
            take=one.take,
            version=one.where,
        )
        found.setdefault(key, []).append(sound)
    return found
