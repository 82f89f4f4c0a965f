"""From the text of a voice's file to a checked voice: clips, fallbacks, consent, evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.consent.codes import (
    CONTRADICTION,
    EVIDENCE_CHANGED,
    EVIDENCE_MISSING,
    KIND_INCOMPLETE,
    NO_EVIDENCE,
)
from voicepipe.consent.kinds import missing_for_kind, needs_evidence
from voicepipe.consent.record import ConsentKind, ConsentRecord, Use
from voicepipe.diagnostics import did_you_mean
from voicepipe.documents.binding import key_span, span_at
from voicepipe.screenplay.syntax import Language
from voicepipe.voices.clip_codes import CLIP_TWICE, CLIP_UNREADABLE
from voicepipe.voices.codes import FALLBACK_CIRCLE, FALLBACK_NOWHERE, NO_NEUTRAL_CLIP, TWO_CLIPS
from voicepipe.voices.voice import NEUTRAL, AuxiliaryClip, ReferenceClip, SoundClip, Voice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from voicepipe.diagnostics import SourceSpan
    from voicepipe.documents.findings import Findings
    from voicepipe.documents.source import SourceFile
    from voicepipe.documents.yaml_tree import YamlNode
    from voicepipe.voices.project_files import ProjectFiles
    from voicepipe.voices.voice import VoiceId
    from voicepipe.voices.voice_file import ConsentEntry, VoiceFile


def checked_voice(
    name: VoiceId,
    entry: VoiceFile,
    source: SourceFile,
    node: YamlNode,
    files: ProjectFiles,
    findings: Findings,
) -> Voice:
    """Make a voice of a file that has the right shape, and check what it refers to.

    Args:
        name: The file's stem.
        entry: What the file says.
        source: The file.
        node: Its tree, for places.
        files: Hashes clips and evidence; reports those that cannot be read.
        findings: Told everything that does not fit.

    Returns:
        The voice. A voice whose consent was revoked has no clips: they may be gone, and nobody
        needs them.
    """
    consent = _consent(entry.consent, source, node, files, findings)
    is_revoked = consent is not None and consent.revoked is not None
    heard = _Auxiliary(source, node, files, findings)
    clips: tuple[ReferenceClip, ...] = ()
    sounds: tuple[SoundClip, ...] = ()
    if not is_revoked:
        sounds = tuple(_sounds(entry, source, node, files))
        shared = heard.read(entry.auxiliary, ("auxiliary",))
        clips = _clips(entry, shared, heard, source, node, files, findings)
        _check_emotions(entry, source, node, findings)
    return Voice(
        id=name,
        engine=entry.engine,
        languages=tuple(Language(tag) for tag in entry.languages),
        model=entry.model,
        clips=clips,
        auxiliary=heard.distinct,
        sounds=sounds,
        sampling=entry.sampling,
        timbre=entry.timbre,
        speed=entry.speed,
        loudness_lufs=entry.loudness_lufs,
        fallback=entry.fallback,
        consent=consent,
        note=entry.note,
        span=key_span(source, node, ("engine",)),
    )


class _Auxiliary:
    """The auxiliary clips of one voice: those of the voice first, then those of a delivery."""

    def __init__(
        self, source: SourceFile, node: YamlNode, files: ProjectFiles, findings: Findings
    ) -> None:
        self._source = source
        self._node = node
        self._files = files
        self._findings = findings
        self._seen: dict[str, AuxiliaryClip] = {}

    @property
    def distinct(self) -> tuple[AuxiliaryClip, ...]:
        return tuple(self._seen.values())

    def read(
        self, paths: tuple[str, ...], place: tuple[str | int, ...]
    ) -> tuple[AuxiliaryClip, ...]:
        """Hash the files of one list; what cannot be read is reported, never left out quietly."""
        found: list[AuxiliaryClip] = []
        for number, path in enumerate(paths):
            span = span_at(self._source, self._node, (*place, number))
            digest = self._files.sha256(path, span, CLIP_UNREADABLE)
            if digest is None:
                continue
            same = next((other for other in found if other.sha256 == digest), None)
            if same is not None:
                again = "named before" if path == same.path else _same_as(same.path)
                self._report_twice(path, again, span)
            found.append(AuxiliaryClip(path=path, sha256=digest, span=span))
            self._seen.setdefault(path, found[-1])
        return tuple(found)

    def compare(self, clip: ReferenceClip) -> None:
        """Look for the clip itself among its auxiliary clips."""
        for other in clip.auxiliary:
            if other.sha256 == clip.sha256:
                same = "the reference clip" if other.path == clip.path else _same_as(clip.path)
                self._report_twice(other.path, same, other.span)

    def _report_twice(self, path: str, same: str, span: SourceSpan) -> None:
        message = f'"{path}" is {same}: it counts twice in the timbre'
        self._findings.add(CLIP_TWICE, span, message, "remove it from the list")


def _same_as(path: str) -> str:
    return f'the same recording as "{path}"'


def _clips(
    entry: VoiceFile,
    shared: tuple[AuxiliaryClip, ...],
    heard: _Auxiliary,
    source: SourceFile,
    node: YamlNode,
    files: ProjectFiles,
    findings: Findings,
) -> tuple[ReferenceClip, ...]:
    clips: list[ReferenceClip] = []
    for number, clip in enumerate(entry.clips):
        span = span_at(source, node, ("clips", number, "path"))
        digest = files.sha256(clip.path, span, CLIP_UNREADABLE)
        if digest is None:
            continue
        for other in clips:
            if (other.emotion, other.language) == (clip.emotion, clip.language):
                message = f'"{other.path}" is already the {clip.emotion} clip in {clip.language}'
                findings.add(TWO_CLIPS, span, message, "give one another emotion, or remove it")
                break
        auxiliary = shared
        if clip.auxiliary is not None:
            auxiliary = heard.read(clip.auxiliary, ("clips", number, "auxiliary"))
        clips.append(
            ReferenceClip(
                path=clip.path,
                sha256=digest,
                transcript=clip.transcript,
                language=Language(clip.language),
                emotion=clip.emotion,
                auxiliary=auxiliary,
                span=span,
            )
        )
        heard.compare(clips[-1])
    return tuple(clips)


def _sounds(
    entry: VoiceFile, source: SourceFile, node: YamlNode, files: ProjectFiles
) -> Iterator[SoundClip]:
    for name, paths in entry.sounds.items():
        for number, path in enumerate(paths):
            span = span_at(source, node, ("sounds", name, number))
            digest = files.sha256(path, span, CLIP_UNREADABLE)
            if digest is not None:
                yield SoundClip(name=name, path=path, sha256=digest, span=span)


def _check_emotions(
    entry: VoiceFile, source: SourceFile, node: YamlNode, findings: Findings
) -> None:
    recorded = {clip.emotion for clip in entry.clips}
    if recorded and NEUTRAL not in recorded:
        span = key_span(source, node, ("clips",))
        message = f"no clip is {NEUTRAL}; there are {', '.join(sorted(recorded))}"
        findings.add(NO_NEUTRAL_CLIP, span, message, "record one, or mark the plainest as neutral")
    for emotion, target in entry.fallback.items():
        span = span_at(source, node, ("fallback", emotion))
        circle = _circle(emotion, entry.fallback)
        if circle:
            message = f"this goes in a circle: {' → '.join(circle)}"
            findings.add(FALLBACK_CIRCLE, span, message, f'end it with "{NEUTRAL}"')
        elif recorded and target not in recorded | entry.fallback.keys() | {NEUTRAL}:
            known = recorded | entry.fallback.keys()
            message = f'the voice has no "{target}" clip{did_you_mean(target, known)}'
            findings.add(FALLBACK_NOWHERE, span, message, f'name an emotion it has, or "{NEUTRAL}"')


def _circle(emotion: str, fallback: Mapping[str, str]) -> list[str]:
    """The steps from an emotion back to itself; empty when they lead elsewhere."""
    steps = [emotion]
    while (following := fallback.get(steps[-1])) is not None:
        if following == emotion:
            return [*steps, emotion]
        if following in steps:
            return []  # the circle is reported where it is entered
        steps.append(following)
    return [NEUTRAL, fallback[NEUTRAL]] if emotion == NEUTRAL else []


def _consent(
    entry: ConsentEntry | None,
    source: SourceFile,
    node: YamlNode,
    files: ProjectFiles,
    findings: Findings,
) -> ConsentRecord | None:
    if entry is None:
        return None
    record = ConsentRecord(
        id=entry.id,
        kind=ConsentKind(entry.kind),
        who=entry.who,
        scope=entry.scope,
        languages=entry.languages,
        valid_from=entry.valid_from,
        valid_until=entry.until,
        evidence=entry.evidence,
        evidence_sha256=entry.evidence_sha256,
        uses=tuple(map(Use, entry.uses)),
        territories=entry.territories,
        terms=entry.terms,
        notes=entry.notes,
        guardian=entry.guardian,
        estate=entry.estate,
        purpose=entry.purpose,
        suspended=entry.suspended,
        revoked=entry.revoked,
        span=key_span(source, node, ("consent",)),
    )
    if record.valid_until is not None and record.valid_until < record.valid_from:
        span = span_at(source, node, ("consent", "until"))
        message = f"until {record.valid_until} lies before from {record.valid_from}"
        findings.add(CONTRADICTION, span, message, "correct one of the dates")
    if record.revoked is None:
        what, remedy = missing_for_kind(record)
        if what:
            span = span_at(source, node, ("consent", "kind"))
            findings.add(KIND_INCOMPLETE, span, f'consent "{record.id}" {what}', remedy)
        _check_evidence(record, span_at(source, node, ("consent", "evidence")), files, findings)
    return record


def _check_evidence(
    record: ConsentRecord, span: SourceSpan, files: ProjectFiles, findings: Findings
) -> None:
    if not record.evidence or not record.evidence_sha256:
        if needs_evidence(record.kind) or record.evidence or record.evidence_sha256:
            missing = "evidence_sha256" if record.evidence else "evidence"
            message = f'consent "{record.id}" has no {missing}'
            findings.add(NO_EVIDENCE, span, message, "name the signed paper and its sha256")
        return
    digest = files.sha256(record.evidence, span, EVIDENCE_MISSING)
    if digest is not None and digest != record.evidence_sha256:
        message = f'"{record.evidence}" has the sha256 {digest}, not the one recorded'
        findings.add(EVIDENCE_CHANGED, span, message, "restore the paper that was recorded")
