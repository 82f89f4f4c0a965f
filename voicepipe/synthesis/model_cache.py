"""Models in memory: each checkpoint pair is loaded once a process and kept while it is in use."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from voicepipe.errors import CheckpointError, CorruptObject, EnvironmentFault
from voicepipe.hashing import sha256_of_file
from voicepipe.memory import give_back_freed
from voicepipe.model.acoustic.loading import load_acoustic_stage
from voicepipe.model.checkpoints.reading import load_checkpoint
from voicepipe.model.encoders.characters import CharacterEncoder, load_character_encoder
from voicepipe.model.encoders.content import ContentEncoder
from voicepipe.model.precision import Precision
from voicepipe.model.semantic.recogniser import PhonemeRecogniser
from voicepipe.model.semantic.stage import SemanticStage
from voicepipe.synthesis.shared_weights import share_weights
from voicepipe.synthesis.voice_models import (
    BERT,
    GPT,
    HUBERT,
    RECOGNISER,
    SOVITS,
    SOVITS_BASE,
    SPEAKER,
    VOCODER,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from torch import Tensor

    from voicepipe.model.acoustic.stage import AcousticStage
    from voicepipe.model.checkpoints.reading import Checkpoint

_PAIRS_KEPT = 2
_ACOUSTIC = (SOVITS, SOVITS_BASE, VOCODER, SPEAKER)
_PAIR_ROLES = (GPT, *_ACOUSTIC, RECOGNISER)
_PUBLISHED = {HUBERT: "hubert", BERT: "roberta", SPEAKER: "speaker"}
_WHAT_FOR = {
    HUBERT: "to listen to a reference clip",
    BERT: "to read Chinese",
    SPEAKER: "to know a speaker",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Pair:
    """A checkpoint pair, loaded."""

    semantic: SemanticStage
    acoustic: AcousticStage
    recogniser: PhonemeRecogniser | None = None
    """Where the family has one: tells which of several answers says a text best."""

    @cached_property
    def pause_token(self) -> int:
        """What the semantic stage would say in a pause, as the recogniser hears it."""
        assert self.recogniser is not None, "only a family with a recogniser closes parts"
        return self.recogniser.pause_token(self.semantic.config.eos_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """Models as a request names them."""

    models: Mapping[str, str]
    """Role → sha256."""
    files: Mapping[str, str]
    """sha256 → path from the project root."""
    precision: Precision = Precision.FLOAT32
    """Of the semantic stage, and of a generator's convolutions where it is bfloat16 on a CPU."""
    passage_revision: int = 0
    """How a passage of a long clip is chosen to lead its lines; 0: whole clips do."""
    range_revision: int = 0
    """How a melody is set right by the reference clip; 0: it stays as the network says it."""

    def pair_key(self) -> tuple[str, ...]:
        """Tell pairs apart."""
        return self.key_of(_PAIR_ROLES)

    def key_of(self, roles: Sequence[str]) -> tuple[str, ...]:
        """Tell apart what is laid out of some models."""
        return (self.precision.value, *(self.models.get(role, "") for role in roles))


class ModelCache:
    """Loads models when they are first needed, after comparing their bytes with the request.

    Args:
        root: The project.
        device: Where weights go.
        is_shared: Other processes load the same: on a CPU the memory of weights is shared with
            them. Networks are then for speaking alone.
    """

    def __init__(self, root: Path, device: str, *, is_shared: bool = False) -> None:
        self._root = root
        self._is_shared = is_shared and device == "cpu"
        self._device = device
        self._pairs: OrderedDict[tuple[str, ...], Pair] = OrderedDict()
        self._hubert: dict[str, ContentEncoder] = {}
        self._bert: dict[str, CharacterEncoder] = {}

    @property
    def device(self) -> str:
        """Where weights are."""
        return self._device

    def pair(self, needed: Needed) -> Pair:
        """Give a checkpoint pair.

        Raises:
            EnvironmentFault: A file is not here, damaged, or not the one that was planned with; or
                the device does not compute in that precision.
        """
        key = needed.pair_key()
        found = self._pairs.pop(key, None)
        if found is None:
            while len(self._pairs) >= _PAIRS_KEPT:
                self._pairs.popitem(last=False)
            found = self._load_pair(needed)
        self._pairs[key] = found
        return found

    def content_encoder(self, needed: Needed) -> ContentEncoder:
        """Give HuBERT.

        Raises:
            EnvironmentFault: As for `pair`.
        """
        path, digest = self._place(needed, HUBERT)
        if digest not in self._hubert:
            _compare(path, sha256_of_file(path), digest)
            self._hubert = {digest: ContentEncoder.load(path.parent, device=self._device)}
            self._settle((HUBERT, digest), self._hubert[digest].weights)
        return self._hubert[digest]

    def character_encoder(self, needed: Needed) -> CharacterEncoder:
        """Give BERT.

        Raises:
            EnvironmentFault: As for `pair`.
        """
        path, digest = self._place(needed, BERT)
        if digest not in self._bert:
            _compare(path, sha256_of_file(path), digest)
            self._bert = {digest: load_character_encoder(path.parent).to(self._device)}
            self._settle((BERT, digest), self._bert[digest].weights)
        return self._bert[digest]

    def clear(self) -> None:
        """Let go of everything."""
        self._pairs.clear()
        self._hubert.clear()
        self._bert.clear()

    def _load_pair(self, needed: Needed) -> Pair:
        # One after the other: what loading takes besides the weights is never there twice.
        acoustic = self._load_acoustic(needed)
        semantic = self._load_semantic(needed)
        recogniser = None
        if RECOGNISER in needed.models:
            found = self._open(needed, RECOGNISER)
            recogniser = PhonemeRecogniser.from_checkpoint(found, device=self._device)
            _compare_codes(found, recogniser.n_codes, semantic.config.eos_id)
        return Pair(semantic=semantic, acoustic=acoustic, recogniser=recogniser)

    def _load_acoustic(self, needed: Needed) -> AcousticStage:
        found = {role: self._open(needed, role) for role in _ACOUSTIC if role in needed.models}
        acoustic = load_acoustic_stage(
            found[SOVITS],
            base=found.get(SOVITS_BASE),
            vocoder=found.get(VOCODER),
            speaker=found.get(SPEAKER),
        )
        found.clear()
        acoustic = acoustic.to(self._device).pack(needed.precision)
        self._settle(needed.key_of(_ACOUSTIC), acoustic.weights)
        return acoustic

    def _load_semantic(self, needed: Needed) -> SemanticStage:
        semantic = SemanticStage.from_checkpoint(
            self._open(needed, GPT),
            device=self._device,
            precision=needed.precision,
            keeps_plain=not self._is_shared,
        )
        self._settle(needed.key_of((GPT,)), semantic.weights)
        return semantic

    def _settle(self, key: Sequence[str], weights: Iterable[Tensor]) -> None:
        """Share weights that were loaded, and let go of what loading took."""
        if self._is_shared:
            share_weights(key, weights)
        give_back_freed()

    def _open(self, needed: Needed, role: str) -> Checkpoint:
        path, digest = self._place(needed, role)
        checkpoint = load_checkpoint(path)
        _compare(path, checkpoint.sha256, digest)
        return checkpoint

    def _place(self, needed: Needed, role: str) -> tuple[Path, str]:
        digest = needed.models.get(role, "")
        where = needed.files.get(digest, "")
        path = self._root / where
        if where and path.is_file():
            return path, digest
        purpose = _WHAT_FOR.get(role, "to render")
        missing = where or f"the {role} model"
        remedy = f"voicepipe models pull {_PUBLISHED.get(role, where.split('/')[-2:][0] or role)}"
        raise EnvironmentFault(f"{missing}: not on this machine, needed {purpose}", remedy=remedy)


def _compare_codes(recogniser: Checkpoint, n_known: int, n_said: int) -> None:
    if n_known < n_said:
        raise CheckpointError(
            f"{recogniser.path}: knows {n_known} tokens, and the semantic stage says {n_said}",
            remedy="name the recogniser that was made with this pair",
        )


def _compare(path: Path, found: str, wanted: str) -> None:
    if found != wanted:
        raise CorruptObject(
            f"{path}: hashes to {found[:12]}, and the render was planned with {wanted[:12]}",
            remedy="voicepipe models verify; then plan again",
        )
