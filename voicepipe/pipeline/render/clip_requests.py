"""From cast lines to what the bank should hold: requests, keys, and the facts of each clip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicepipe.audio.metadata import ClipMetadata, metadata_fingerprint
from voicepipe.audio.post_settings import (
    PostSettings,
    post_fingerprint,
    post_settings,
    settings_for,
)
from voicepipe.bank.plan import RECORDED, ClipSpec, used_take_key
from voicepipe.engines.protocol import KnowsTakeFacts
from voicepipe.hashing import SHORT_DIGITS, sha256_of_json
from voicepipe.labels.plan import label_fingerprint, label_plan
from voicepipe.pipeline.slots import follows_source, own_slot, slot_of
from voicepipe.synthesis.delivery import line_level_db
from voicepipe.synthesis.request import DigestCache, request_identity, seed_for, take_facts_of
from voicepipe.synthesis.slot import SLOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voicepipe.bank.decisions import Decision
    from voicepipe.engines.protocol import Engine
    from voicepipe.hashing import Json
    from voicepipe.labels.plan import LabelPlan
    from voicepipe.pipeline.pins import Label
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.recordings import Recording
    from voicepipe.pipeline.slots import Slots
    from voicepipe.screenplay.line import LineText
    from voicepipe.synthesis.request import RequestIdentity, SynthesisRequest, TakeFacts
    from voicepipe.synthesis.slot import Slot
    from voicepipe.voices.voice import CastLine


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRequest:
    """One clip the bank should hold, and how to make it."""

    clip: ClipSpec
    cast: CastLine
    engine: Engine | None
    """Makes its takes; None for a recording."""
    cost_s: float
    """Seconds of speech, as the engine estimates them; 0 for a recording."""
    recording: Recording | None
    post: PostSettings
    labels: LabelPlan | None
    """None: the project asks for none."""
    metadata: ClipMetadata
    """Of the take that is used: of a pinned one, what it says of its own making."""
    slot: Slot | None = None
    """What its speech has to fit; None: nothing, or not known yet."""
    source_key: str = ""
    """Key of the clip in the source language that it has to fit and that is not there yet: its own
    keys are others once it is. Empty: there is none to wait for."""

    @property
    def awaits_source(self) -> bool:
        """Whether the clip it has to fit is not there yet."""
        return bool(self.source_key)

    @property
    def request(self) -> SynthesisRequest | None:
        """What its engine is given, described anew: only a few of many lines are rendered.

        Returns:
            None for a recording.
        """
        if self.engine is None:
            return None
        request = self.engine.request(self.cast, self.clip.seed)
        fits = _slot_facts(self.slot, self.source_key)
        return request if fits is None else replace(request, inputs={**request.inputs, SLOT: fits})


class ClipRequests(Mapping[tuple[str, str], ClipRequest]):
    """(line, language) → its clip, described completely when it is asked for first.

    Nothing is rendered. In the order of the cast, one a cast line. Whoever asks is told by an
    `EnvironmentFault` that an engine is not installed, so that its takes have no key.

    Args:
        project: Read and valid.
        labels: What pinned takes say of themselves, by take key.
        speech_s: Gives how long the clip of a key speaks, in seconds; None: it is not there.
        slots: What lines have to fit, where that is known; None: to be found out.
    """

    def __init__(
        self,
        project: Project,
        labels: Mapping[str, Label],
        speech_s: Callable[[str], float | None] = lambda _: None,
        slots: Slots | None = None,
    ) -> None:
        self._cast: dict[tuple[str, str], CastLine] = {
            (cast.line.id, cast.language): cast for cast in project.cast
        }
        self._project = project
        self._speech_s = speech_s
        self._slots = slots
        self._made: dict[tuple[str, str], ClipRequest] = {}
        self._labels = labels
        self._base = post_settings(project.settings.audio)
        settings = project.settings
        self._label_plan = label_plan(project.root, settings.bank, settings.labels)
        self._digests = DigestCache()
        # Asked once: to look for the methods of a protocol takes as long as describing a line.
        self._knowing = {
            name: engine
            for name, engine in project.engines.items()
            if isinstance(engine, KnowsTakeFacts)
        }
        self._posts: dict[tuple[float | None, float, int, int], tuple[PostSettings, str]] = {}

    def __getitem__(self, key: tuple[str, str]) -> ClipRequest:
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._described(self._cast[key])
        return made

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._cast)

    def __contains__(self, key: object) -> bool:
        return key in self._cast

    def __len__(self) -> int:
        return len(self._cast)

    def of(self, cast: CastLine) -> ClipRequest:
        """Describe a line of the cast."""
        return self[cast.line.id, cast.language]

    def cast_of(self, line: str, language: str) -> CastLine:
        """Give a line as it is cast, without describing its clip."""
        return self._cast[line, language]

    def _facts(self, engine: Engine, cast: CastLine, seed: int) -> TakeFacts:
        knowing = self._knowing.get(cast.voice.engine)
        if knowing is not None:
            return knowing.take_facts(cast, seed, self._digests)
        request = engine.request(cast, seed)
        return take_facts_of(request, self._digests, cost_s=engine.cost(request))

    def _described(self, cast: CastLine) -> ClipRequest:
        line, language = cast.line, cast.language
        decision = self._project.decisions.of(line.id, language)
        recording = self._project.recordings.get((line.id, language))
        slot, source_key = self._slot(cast)
        level_db = 0.0 if recording else line_level_db(cast)
        post, post_digest = self._post(cast, level_db)
        engine = None if recording else self._project.engines[cast.voice.engine]
        models: Mapping[str, str] = {}
        seed, cost_s = 0, 0.0
        if engine is None:
            assert recording is not None, "a clip is a take or a recording"
            source, take_key, prints = RECORDED, recording.sha256, {}
        else:
            source, seed = engine.source.value, _seed_of(cast, decision)
            facts = self._facts(engine, cast, seed)
            models, cost_s = facts.models, facts.cost_s
            identity = self._identity(cast, seed, facts, _slot_facts(slot, source_key))
            take_key, prints = str(identity.key), identity.fingerprints
        used = used_take_key(take_key, source, decision.pin)
        metadata = _metadata(cast, source)
        if used != take_key:
            metadata = _labelled(metadata, self._labels.get(used))
        said = metadata_fingerprint(metadata)
        marks = label_fingerprint(self._label_plan, metadata.source)
        metadata_digest = sha256_of_json(said if marks is None else [said, marks])
        prints["post"] = post_digest[:SHORT_DIGITS]
        prints["metadata"] = metadata_digest[:SHORT_DIGITS]
        clip = ClipSpec(
            line=line.id,
            base_line=line.base_id,
            language=language,
            speaker=line.speaker,
            voice=cast.voice.id,
            emotion=cast.delivery.emotion,
            text=cast.text.plain,
            note=line.note,
            file=f"{language}/{line.scene}/{line.id}.wav",
            slot_s=None if slot is None else slot.slot_s,
            source=source,
            engine="" if recording else cast.voice.engine,
            models=models,
            take_key=take_key,
            clip_key=sha256_of_json([used, post_digest, metadata_digest]),
            seed=seed,
            take=decision.take,
            pinned_take=decision.pinned_take,
            consent=metadata.consent,
            scene=line.scene,
            node=line.node,
            bark_set=line.bark_set,
            position=line.position,
            tags=line.tags,
            variant=line.variant,
            before=line.before,
            after=line.after,
            script=str(cast.text.span),
            placeholders=cast.text.placeholders,
            stale=cast.text.is_stale or (line.id, language) in self._project.outdated_recordings,
            inputs=prints,
        )
        return ClipRequest(
            clip=clip,
            cast=cast,
            engine=engine,
            cost_s=cost_s,
            recording=recording,
            post=post,
            labels=self._label_plan,
            metadata=metadata,
            slot=slot,
            source_key=source_key,
        )

    def _slot(self, cast: CastLine) -> tuple[Slot | None, str]:
        """Give what a line has to fit; or the key of the clip that will say so once it is there."""
        if self._slots is not None:
            return self._slots.get((cast.line.id, cast.language)), ""
        settings = self._project.settings
        if not follows_source(settings, cast.line, cast.language):
            return own_slot(settings, cast.line, cast.language), ""
        source = (cast.line.id, settings.source_language)
        if source not in self._cast:  # it has nothing to say in that language
            return None, ""
        source_key = self[source].clip.clip_key
        speech_s = self._speech_s(source_key)
        if speech_s is None:
            return None, source_key
        return slot_of(settings, cast.language, speech_s), ""

    def _identity(self, cast: CastLine, seed: int, facts: TakeFacts, fits: Json) -> RequestIdentity:
        digests = facts.digests
        if fits is not None:
            digests = {**digests, SLOT: sha256_of_json(fits)}
        voice = cast.voice
        return request_identity(voice.engine, voice.id, cast.language, seed, digests)

    def _post(self, cast: CastLine, level_db: float) -> tuple[PostSettings, str]:
        key = (cast.voice.loudness_lufs, level_db, *outer_pauses(cast.text))
        known = self._posts.get(key)
        if known is None:
            loudness, _, opening, closing = key
            post = settings_for(
                self._base,
                loudness_lufs=loudness,
                level_db=level_db,
                opening_pause_ms=opening,
                closing_pause_ms=closing,
            )
            known = self._posts[key] = (post, sha256_of_json(post_fingerprint(post)))
        return known


def _seed_of(cast: CastLine, decision: Decision) -> int:
    if decision.seed is not None:
        return decision.seed
    return seed_for(cast.line.id, cast.language, decision.take)


def _slot_facts(slot: Slot | None, source_key: str) -> Json:
    """Describe what a line has to fit, for its request; None: nothing."""
    if slot is not None:
        return slot.facts()
    return {"awaits": source_key} if source_key else None


def outer_pauses(text: LineText) -> tuple[int, int]:
    """Give the pauses the script puts before the first word and after the last, in ms."""
    segments = text.segments
    opening = 0
    for segment in segments:
        if segment.text or segment.say or segment.sound:
            break
        opening += segment.pause_after_ms
    else:
        return opening, 0
    return opening, segments[-1].pause_after_ms


def _metadata(cast: CastLine, source: str) -> ClipMetadata:
    voice = cast.voice
    return ClipMetadata(
        line=cast.line.id,
        text=cast.text.plain,
        speaker=cast.line.speaker,
        voice=voice.id,
        language=cast.language,
        source=source,
        engine="" if source == RECORDED else voice.engine,
        consent=voice.consent.id if voice.consent is not None else "",
    )


def _labelled(metadata: ClipMetadata, label: Label | None) -> ClipMetadata:
    """Say of a pinned take what it says itself; of one nobody knows, nobody's voice is said."""
    if label is None:
        return replace(metadata, voice="", consent="")
    return replace(
        metadata,
        voice=label.voice,
        source=label.source,
        engine=label.engine,
        consent=label.consent,
    )
