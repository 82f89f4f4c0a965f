"""The half that plans: what each line needs, complete and hashed, without loading a model."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from voicepipe.engines.gpt_sovits.checks import check_cast, check_voice_models
from voicepipe.engines.gpt_sovits.kept_takes import KeptTakes, PlainLine, PlainLines
from voicepipe.engines.gpt_sovits.readings import Readings
from voicepipe.engines.protocol import KnownLines
from voicepipe.errors import SynthesisError
from voicepipe.hashing import sha256_of_json
from voicepipe.model.acoustic.voicing import PLAIN_VOICING
from voicepipe.settings import load_settings
from voicepipe.synthesis.by_identity import ByIdentity
from voicepipe.synthesis.chosen_sounds import chosen_sounds
from voicepipe.synthesis.clip_lengths import ClipLengths
from voicepipe.synthesis.closing import CLOSING_FACT, CLOSING_TOKENS
from voicepipe.synthesis.delivery import pause_after_ms, spoken_line
from voicepipe.synthesis.file_hashes import FileHashes
from voicepipe.synthesis.inputs import clip_facts, part_facts
from voicepipe.synthesis.passage_facts import LONGEST_S, PASSAGE_FACT, PASSAGE_REVISION
from voicepipe.synthesis.range_facts import RANGE_FACT, RANGE_REVISION
from voicepipe.synthesis.request import (
    DigestCache,
    Source,
    SynthesisRequest,
    TakeFacts,
    take_facts_of,
)
from voicepipe.synthesis.voice_models import BERT, ModelFinder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.engines.gpt_sovits.checks import CheckedLine
    from voicepipe.engines.protocol import Renderer, TextAhead
    from voicepipe.hashing import Json
    from voicepipe.synthesis.delivery import PartDelivery, SpokenLine
    from voicepipe.synthesis.text_readings import LineReading
    from voicepipe.synthesis.voice_models import VoiceModels
    from voicepipe.voices.voice import CastLine, ReferenceClip, Voice

REVISION = 2
"""Raised when the same request would sound different: all takes of this engine render again."""

_FOUR_NUMBERS = struct.Struct("<4d").pack
_PHONEMES_PER_S = 14.0  # symbols at a calm pace, marks included


@dataclass(frozen=True, slots=True, kw_only=True)
class _VoiceParts:
    """What requests of one voice with the same clips have in common, each one object."""

    needs_characters: bool
    """BERT has to look at a transcript."""
    voice: dict[str, Json]
    model: dict[str, Json]
    model_with_bert: dict[str, Json]
    sampling: dict[str, Json]
    engine: dict[str, Json]
    files: Mapping[str, str]

    def model_for(self, models: VoiceModels, *, needs_characters: bool) -> dict[str, Json]:
        """Give the models a line needs: BERT's among them where it or a clip needs it."""
        needs_bert = models.reads_characters and (needs_characters or self.needs_characters)
        return self.model_with_bert if needs_bert else self.model


@dataclass(frozen=True, slots=True, kw_only=True)
class _OwnFacts:
    """What of a request is a line's own, but for its sounds."""

    clips: tuple[ReferenceClip, ...]
    text: dict[str, Json]
    delivery: dict[str, Json]


class GptSovitsEngine:
    """GPT-SoVITS checkpoints behind the engine protocol.

    Args:
        root: The project; None: the current folder.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = Path.cwd() if root is None else root
        settings, _ = load_settings(self._root)
        self._out = self._root / ("out" if settings is None else settings.out)
        self._readings = Readings(self._root)
        self._kept = KeptTakes()
        self._finder = ModelFinder(self._root, FileHashes(self._out))
        self._lengths = ClipLengths(self._root)
        self._models: dict[tuple[tuple[str, str], ...], VoiceModels] = {}
        self._models_of_voice: ByIdentity[VoiceModels] = ByIdentity()
        self._parts: ByIdentity[_VoiceParts] = ByIdentity()
        # By voice, its clips and whether BERT is needed; the voice is kept alive.
        self._shared_digests: dict[
            tuple[int, tuple[int, ...], bool], tuple[Voice, dict[str, str], dict[str, Json]]
        ] = {}
        # Facts that many lines share stay one object, so that they are hashed once a run.
        self._shared: dict[tuple[object, ...], dict[str, Json]] = {}
        precision = "float32" if settings is None else settings.render.precision
        self._engine_facts: dict[str, Json] = {"precision": precision, "revision": REVISION}

    @classmethod
    def for_project(cls, root: Path) -> GptSovitsEngine:
        """Make the engine of a project."""
        return cls(root)

    @property
    def name(self) -> str:
        """As voice files spell it."""
        return "gpt-sovits"

    @property
    def source(self) -> Source:
        """Its takes are synthetic speech."""
        return Source.SYNTHETIC

    def check(self, cast: Sequence[CastLine]) -> list[Diagnostic]:
        """Find the lines that cannot be spoken, and why.

        Returns:
            VP601 and VP602 for languages and texts, VP611 to VP621 for clips, models, sampling
            and respellings; what concerns a voice is said once.
        """
        return check_cast(cast, self._readings, self.models_of, self._kept, self._plain_lines)

    def read_ahead(self, texts: Sequence[TextAhead], n_times: float) -> bool:
        """Begin to read texts beside this process, if that is worth it."""
        able = [(t, m.symbols) for t in texts if (m := self.models_of(t.voice)).family is not None]
        return self._readings.read_ahead(able, n_times)

    def end_reading(self) -> None:
        """Stop reading beside this process."""
        self._readings.end()

    def check_voice(self, voice: Voice, languages: Sequence[str]) -> list[Diagnostic]:
        """Find what a voice lacks, whoever it is cast for: models above all.

        Args:
            voice: Of this engine.
            languages: That it may speak.
        """
        return check_voice_models(voice, languages, self._readings, self.models_of)

    def models_of(self, voice: Voice) -> VoiceModels:
        """Find a voice's weight files."""
        return self._models_of_voice.get((voice,), lambda: self._find_models(voice))

    def _find_models(self, voice: Voice) -> VoiceModels:
        key = tuple(sorted(voice.model.items()))
        found = self._models.get(key)
        if found is None:
            found = self._models[key] = self._finder.find(voice.model)
        return found

    def request(self, cast_line: CastLine, seed: int) -> SynthesisRequest:
        """Describe the take: phonemes, delivery, clips, models, sampling.

        Raises:
            SynthesisError: The line has errors; `check` says which.
        """
        models = self.models_of(cast_line.voice)
        beside = self._kept.unread_beside(cast_line)
        self._readings.look_up((one, self.models_of(one.voice).symbols) for one in beside)
        line = self._readings.line(cast_line, models.symbols)
        if not line.parts or models.faults:
            raise SynthesisError(
                f'line "{cast_line.line.id}" cannot be spoken in "{cast_line.language}"',
                remedy="voicepipe check",
            )
        spoken = spoken_line(cast_line, line.parts, has_own_pitch=models.has_own_pitch)
        own = self._own_facts(line, spoken, models)
        of_voice = self._parts_of(cast_line.voice, own.clips, models)
        delivery, files = own.delivery, of_voice.files
        if line.sounds:
            sounds = chosen_sounds(cast_line, line.sounds, seed)
            delivery = {**delivery, "sounds": [sound.facts() for sound, _ in sounds]}
            files = {**files, **{clip.sha256: clip.path for _, clip in sounds}}
        model = of_voice.model_for(models, needs_characters=line.needs_characters)
        return SynthesisRequest(
            line_id=cast_line.line.id,
            language=cast_line.language,
            engine=self.name,
            voice_id=cast_line.voice.id,
            seed=seed,
            inputs={
                "text": own.text,
                "delivery": delivery,
                "voice": of_voice.voice,
                "model": model,
                "sampling": of_voice.sampling,
                "engine": of_voice.engine,
            },
            files=files,
        )

    def take_facts(self, cast_line: CastLine, seed: int, known: DigestCache) -> TakeFacts:
        """Describe the take by hashes; of a line that is as it was, without reading it.

        Raises:
            SynthesisError: As of `request`.
        """
        kept = self._kept.of(cast_line)
        if kept is None:
            request = self.request(cast_line, seed)
            return take_facts_of(request, known, cost_s=self.cost(request))
        line, delivery = kept
        digests, model = self._digests_of(cast_line.voice, line, known)
        return TakeFacts(
            digests={"text": line.text.hex(), "delivery": delivery, **digests},
            models=cast("Mapping[str, str]", model),
            cost_s=line.cost_s,
        )

    def known_lines(self, known: DigestCache) -> Iterator[KnownLines]:
        """Give the lines of stretches nothing is wrong with."""
        for stretch, kept in self._kept.stretches():
            # What lines of a voice have in common is not part of the stretch's own key.
            shared = {
                (id(line.voice), one.clips, one.needs_characters): (line.voice, one)
                for line, one in zip(stretch.lines, kept.lines, strict=True)
            }
            digests = [self._digests_of(*one, known)[0] for one in shared.values()]
            facts = sha256_of_json([stretch.key.hex(), digests])
            yield KnownLines(lines=stretch.lines, basis=bytes.fromhex(facts))

    def _digests_of(
        self, voice: Voice, line: PlainLine, known: DigestCache
    ) -> tuple[dict[str, str], dict[str, Json]]:
        """Hash what a line shares with others of its voice; give its models as well."""
        key = (id(voice), line.clips, line.needs_characters)
        found = self._shared_digests.get(key)
        if found is None:
            models = self.models_of(voice)
            of_voice = self._parts_of(voice, [voice.clips[place] for place in line.clips], models)
            model = of_voice.model_for(models, needs_characters=line.needs_characters)
            digests = {
                "voice": known.digest(of_voice.voice),
                "model": known.digest(model),
                "sampling": known.digest(of_voice.sampling),
                "engine": known.digest(of_voice.engine),
            }
            found = self._shared_digests[key] = (voice, digests, model)
        return found[1:]

    def _own_facts(self, line: LineReading, spoken: SpokenLine, models: VoiceModels) -> _OwnFacts:
        parts: list[Json] = [
            part_facts(part, pause_after_ms(part, said), reads_characters=models.reads_characters)
            for part, said in zip(line.parts, spoken.parts, strict=True)
        ]
        return _OwnFacts(
            clips=spoken.clips,
            text={"parts": parts},
            delivery=self._delivery_facts(spoken.parts, spoken.chosen),
        )

    def _plain_lines(self, lines: Sequence[CheckedLine]) -> PlainLines:
        """Describe lines nothing is wrong with for later runs."""
        deliveries: dict[bytes, int] = {}
        known = DigestCache()  # lines share their deliveries
        found = []
        for cast_line, line, spoken in lines:
            own = self._own_facts(line, spoken, self.models_of(cast_line.voice))
            delivery = bytes.fromhex(known.digest(own.delivery))
            places = {id(clip): place for place, clip in enumerate(cast_line.voice.clips)}
            found.append(
                PlainLine(
                    text=bytes.fromhex(sha256_of_json(own.text)),
                    delivery=deliveries.setdefault(delivery, len(deliveries)),
                    cost_s=_cost_s(own.text, own.delivery),
                    clips=tuple(places[id(clip)] for clip in own.clips),
                    needs_characters=line.needs_characters,
                    unknown=line.unknown,
                    dropped=line.dropped,
                )
            )
        return PlainLines(deliveries=tuple(deliveries), lines=tuple(found))

    def cost(self, request: SynthesisRequest) -> float:
        """Estimate the seconds of speech from phonemes, speed and pauses."""
        return _cost_s(request.inputs["text"], request.inputs["delivery"])

    def open(self, device: str, *, lines_at_once: int = 0) -> Renderer:
        """Make ready to render; models load with the first line that needs them.

        Raises:
            EnvironmentFault: The device is not there.
        """
        from voicepipe.engines.gpt_sovits.renderer import (  # noqa: PLC0415 -- torch
            GptSovitsRenderer,
        )

        return GptSovitsRenderer(self._root, self._out, device, n_slots=lines_at_once)

    def _parts_of(
        self, voice: Voice, clips: Sequence[ReferenceClip], models: VoiceModels
    ) -> _VoiceParts:
        """Give what all lines of a voice that imitate the same clips share."""
        return self._parts.get((voice, *clips), lambda: self._make_parts(voice, clips, models))

    def _make_parts(
        self, voice: Voice, clips: Sequence[ReferenceClip], models: VoiceModels
    ) -> _VoiceParts:
        reads = [self._readings.transcript(clip, models.symbols) for clip in clips]
        return _VoiceParts(
            needs_characters=any(read.needs_characters for read in reads),
            voice=self._voice_facts(clips, models),
            model=self._model_facts(models, needs_bert=False),
            model_with_bert=self._model_facts(models, needs_bert=True),
            sampling=self._sampling_facts(voice, models),
            engine=self._facts_of_engine(clips, models),
            files=_files_of(clips, models),
        )

    def _voice_facts(self, clips: Sequence[ReferenceClip], models: VoiceModels) -> dict[str, Json]:
        symbols, reads_characters = models.symbols, models.reads_characters
        key = ("voice", symbols, reads_characters, *(_clip_identity(clip) for clip in clips))
        if key not in self._shared:
            said = [self._readings.transcript(clip, symbols).said for clip in clips]
            self._shared[key] = {
                "clips": [
                    clip_facts(clip, read, reads_characters=reads_characters)
                    for clip, read in zip(clips, said, strict=True)
                    if read is not None
                ]
            }
        return self._shared[key]

    def _delivery_facts(
        self, spoken: Sequence[PartDelivery], chosen: Sequence[int]
    ) -> dict[str, Json]:
        said = tuple(zip(spoken, chosen, strict=True))
        key = ("delivery", *(_delivery_identity(part, clip) for part, clip in said))
        if key not in self._shared:
            self._shared[key] = {"parts": [part.facts(clip) for part, clip in said]}
        return self._shared[key]

    def _model_facts(self, models: VoiceModels, *, needs_bert: bool) -> dict[str, Json]:
        roles = {
            role: file.sha256
            for role, file in sorted(models.files.items())
            if needs_bert or role != BERT
        }
        key = ("model", *roles.items())
        return self._shared.setdefault(key, dict(roles))

    def _facts_of_engine(
        self, clips: Sequence[ReferenceClip], models: VoiceModels
    ) -> dict[str, Json]:
        own: dict[str, Json] = {}
        if models.closes_parts:
            own[CLOSING_FACT] = CLOSING_TOKENS
        if models.has_own_pitch:
            own[RANGE_FACT] = RANGE_REVISION
        if models.leads_with_passages and any(self._lengths.of(c) > LONGEST_S for c in clips):
            own[PASSAGE_FACT] = PASSAGE_REVISION
        return self._shared.setdefault(("engine", *own), {**self._engine_facts, **own})

    def _sampling_facts(self, voice: Voice, models: VoiceModels) -> dict[str, Json]:
        key = ("sampling", models.family, models.can_choose, *sorted(voice.sampling.items()))
        if key not in self._shared:
            self._shared[key] = models.take_settings(voice.sampling).as_facts()
        return self._shared[key]


def _cost_s(text: Json, delivery: Json) -> float:
    facts: Any = (text, delivery)
    total = 0.0
    for part, spoken in zip(facts[0]["parts"], facts[1]["parts"], strict=True):
        spoken_s = len(part["phoneme_ids"]) / _PHONEMES_PER_S
        total += spoken_s / spoken["speed"] + part["pause_after_ms"] / 1000
    return total


def _files_of(clips: Sequence[ReferenceClip], models: VoiceModels) -> dict[str, str]:
    files = {file.sha256: file.path for file in models.files.values()}
    for clip in clips:
        files |= {other.sha256: other.path for other in clip.auxiliary}
        files[clip.sha256] = clip.path
    return files


def _delivery_identity(part: PartDelivery, clip: int) -> tuple[object, ...]:
    """All that a part's facts are made of: by bits, since -0.0 equals 0.0 and is written apart."""
    bits = _FOUR_NUMBERS(part.speed, part.pitch_semitones, part.pauses, part.gain_db)
    voicing = "" if part.voicing is PLAIN_VOICING else repr(part.voicing)
    return clip, bits, voicing, part.stressed


def _clip_identity(clip: ReferenceClip) -> tuple[object, ...]:
    """All that a clip's facts are made of, to tell clips apart."""
    others = tuple(other.sha256 for other in clip.auxiliary)
    return clip.sha256, clip.transcript, clip.language, others
