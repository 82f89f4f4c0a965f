"""Which weight files a voice is made of: names in its file to pinned hashes (torch-free).

Reads `models.lock` and, for files named by path, their description. Loads no weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from voicepipe.diagnostics import SourceSpan, did_you_mean
from voicepipe.documents.source import path_problem
from voicepipe.errors import CheckpointError
from voicepipe.model.config import ACOUSTIC_FAMILIES, Family
from voicepipe.model_store.describe import describe_model
from voicepipe.model_store.library import FOLDER_NAME, WEIGHTS_NAME
from voicepipe.model_store.lock import LOCK_NAME, read_lock
from voicepipe.model_store.registry import BUNDLES
from voicepipe.synthesis.pair_fit import pair_problem
from voicepipe.synthesis.take_settings import take_settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from voicepipe.model_store.describe import ModelFacts
    from voicepipe.model_store.lock import LockedModel
    from voicepipe.synthesis.file_hashes import FileHashes
    from voicepipe.synthesis.take_settings import TakeSettings

GPT: Final = "gpt"
SOVITS: Final = "sovits"
SOVITS_BASE: Final = "sovits_base"
VOCODER: Final = "vocoder"
SPEAKER: Final = "speaker"
HUBERT: Final = "hubert"
BERT: Final = "bert"
RECOGNISER: Final = "recogniser"
BASE: Final = "base"
"""Not a file: a published family whose own pair stands in for `gpt` and `sovits`."""

LISTENERS: Final = (HUBERT, BERT, SPEAKER, RECOGNISER)
"""What hears and reads beside a pair, and stays when a voice gets another."""
ROLES: Final = (GPT, SOVITS, SOVITS_BASE, VOCODER, SPEAKER, HUBERT, BERT, RECOGNISER)
KEYS: Final = (BASE, *ROLES)

_PRO = frozenset({Family.V2_PRO, Family.V2_PRO_PLUS})
_VOCODERS = {Family.V3: ("bigvgan", Family.BIGVGAN), Family.V4: ("vocoder-v4", Family.VOCODER_V4)}
_BASES = {Family.V3: "s2-v3", Family.V4: "s2-v4"}
# Its tokens are near to phonemes and a long vowel says one many times: repeating is no fault. And
# they can be read back, so that the best said of several answers can be kept.
_TINY_SAMPLING = {"top_k": 5, "temperature": 0.5, "repetition_penalty": 1.0, "candidates": 8}
_EMBEDDED_LANGUAGES: Final = frozenset({"en", "ja", "zh"})
_ORIGINALS = frozenset({".ckpt", ".pth", ".pt", ".bin"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One weight file of a voice."""

    role: str
    name: str
    """As the voice file says, or as the library calls it."""
    path: str
    """From the project root."""
    sha256: str
    family: Family
    is_lora: bool
    is_here: bool
    """The bytes are on this machine, not only in the lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFault:
    """Why a model cannot be used."""

    kind: str
    """`key`, `unnamed`, `unknown`, `original`, `family` or `pair`."""
    message: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceModels:
    """All files of one voice, or why there are not all."""

    files: Mapping[str, ModelFile]
    """By role: the pair, what its family needs, HuBERT, and BERT where the library has it."""
    faults: tuple[ModelFault, ...] = ()

    @property
    def family(self) -> Family | None:
        """Of the acoustic file."""
        found = self.files.get(SOVITS)
        return None if found is None else found.family

    @property
    def symbols(self) -> str:
        """Version of the symbol table the pair was trained with."""
        return "v1" if self.family is Family.V1 else "v2"

    @property
    def reads_characters(self) -> bool:
        """Whether Chinese needs BERT: the smallest family reads phonemes alone."""
        return self.family is not Family.TINY

    @property
    def languages(self) -> frozenset[str] | None:
        """Languages whose phonemes the pair has heard; None where nothing says so."""
        return _EMBEDDED_LANGUAGES if self.family is Family.TINY else None

    @property
    def sampling(self) -> Mapping[str, float | int]:
        """What the family draws best with, where that differs from the published families."""
        return _TINY_SAMPLING if self.family is Family.TINY else {}

    def take_settings(self, sampling: Mapping[str, float | int]) -> TakeSettings:
        """Read a voice's `sampling:` table, and fill in what its family draws best with.

        Raises:
            ValueError: The table has faults.
        """
        return take_settings({**self.sampling, **sampling}, can_choose=self.can_choose)

    @property
    def can_choose(self) -> bool:
        """Whether it can be told which of several answers says a text best."""
        return RECOGNISER in self.files

    @property
    def leads_with_passages(self) -> bool:
        """Whether a passage of a long reference clip leads lines: the smallest family's way."""
        return self.family is Family.TINY and self.can_choose

    @property
    def has_own_pitch(self) -> bool:
        """Whether its generator says a pitch and envelopes: the smallest family's does."""
        return self.family is Family.TINY

    @property
    def can_stress(self) -> bool:
        """Whether single words can be stressed: a pitch of its own, and who finds the words."""
        return self.has_own_pitch and self.can_choose

    @property
    def closes_parts(self) -> bool:
        """Whether a pause is said after each part: the smallest family's way."""
        return self.family is Family.TINY and self.can_choose

    @property
    def away(self) -> tuple[ModelFile, ...]:
        """Files that the lock pins and this machine lacks."""
        return tuple(file for file in self.files.values() if not file.is_here)


class ModelFinder:
    """Finds the files of a project's voices; reads the lock once.

    Args:
        root: The project.
        hashes: For files named by path.
    """

    def __init__(self, root: Path, hashes: FileHashes) -> None:
        self._root = root
        self._hashes = hashes
        self._locked: dict[str, LockedModel] | None = None
        self._described: dict[str, ModelFacts] = {}

    def find(self, model: Mapping[str, str]) -> VoiceModels:
        """Find every file that a voice's `model:` table asks for.

        Raises:
            InputError: The lock is broken.
            EnvironmentFault: The lock cannot be read.
        """
        faults = [
            ModelFault(
                kind="key",
                message=f'model has no part "{key}"{did_you_mean(key, KEYS)}',
                remedy=f"its parts are {', '.join(KEYS)}",
            )
            for key in model
            if key not in KEYS
        ]
        search = _Search(self, model, faults)
        files = search.files()
        faults += self._pair_faults(files)
        return VoiceModels(files=files, faults=tuple(faults))

    def file(self, role: str, name: str) -> ModelFile | ModelFault:
        """Find one file by its name in the library, or its path in the project."""
        locked = self._lock().get(name)
        if locked is not None:
            return self._from_lock(role, locked)
        suffix = PurePosixPath(name.replace("\\", "/")).suffix
        if suffix == ".safetensors":
            return self._from_path(role, name)
        if suffix in _ORIGINALS:
            return ModelFault(
                kind="original",
                message=f'{role}: "{name}" is an original weight file, not one of the library',
                remedy=f"voicepipe models import {name}, then write the name it gets",
            )
        known = sorted(self._lock())
        return ModelFault(
            kind="unknown",
            message=f'{role}: {LOCK_NAME} names no model "{name}"{did_you_mean(name, known)}',
            remedy=f"voicepipe models pull {name}, or voicepipe models import FILE --name {name}",
        )

    def _pair_faults(self, files: Mapping[str, ModelFile]) -> list[ModelFault]:
        gpt, sovits = files.get(GPT), files.get(SOVITS)
        if gpt is None or sovits is None or not (gpt.is_here and sovits.is_here):
            return []
        try:
            first, second = self._facts(gpt.path), self._facts(sovits.path)
        except CheckpointError:
            return []  # damaged since it was pinned: loading it compares its hash and says so
        problem = pair_problem(first, second, sovits.family)
        if not problem:
            return []
        return [
            ModelFault(
                kind="pair",
                message=f'gpt "{gpt.name}" does not go with sovits "{sovits.name}": it {problem}',
                remedy="give both halves of one training: voicepipe models ls, models show NAME",
            )
        ]

    def _facts(self, path: str) -> ModelFacts:
        if path not in self._described:
            self._described[path] = describe_model(self._root / path)
        return self._described[path]

    def has(self, name: str) -> bool:
        """Tell whether the library names a model."""
        return name in self._lock()

    def _lock(self) -> dict[str, LockedModel]:
        if self._locked is None:
            self._locked = read_lock(self._root / LOCK_NAME)
        return self._locked

    def _from_lock(self, role: str, locked: LockedModel) -> ModelFile | ModelFault:
        path = f"{FOLDER_NAME}/{locked.name}/{WEIGHTS_NAME}"
        pinned = locked.files.get(WEIGHTS_NAME)
        known = {family.value for family in Family}
        if pinned is None or locked.family not in known:
            return ModelFault(
                kind="unknown",
                message=f"{role}: {LOCK_NAME} does not say what {locked.name} is",
                remedy="import the model again",
            )
        file = self._root / path
        return ModelFile(
            role=role,
            name=locked.name,
            path=path,
            sha256=pinned.sha256,
            family=Family(locked.family),
            is_lora=locked.lora_rank is not None,
            is_here=file.is_file() and file.stat().st_size == pinned.n_bytes,
        )

    def _from_path(self, role: str, name: str) -> ModelFile | ModelFault:
        outside = path_problem(self._root, name, at=SourceSpan(path=name))
        if outside is not None:
            return ModelFault(
                kind="unknown", message=f"{role}: {outside.message}", remedy=outside.help
            )
        path = self._root / name
        try:
            digest = self._hashes.sha256(path)
            facts = describe_model(path)
            family = Family(facts.family)
        except (OSError, ValueError, CheckpointError) as error:
            return ModelFault(
                kind="unknown",
                message=f'{role}: "{name}" cannot be used: {_reason(error)}',
                remedy="correct the path, or convert the original: voicepipe models convert",
            )
        return ModelFile(
            role=role,
            name=name,
            path=name.replace("\\", "/"),
            sha256=digest,
            family=family,
            is_lora=facts.lora_rank is not None,
            is_here=True,
        )


class _Search:
    """One voice's files, role by role: what is needed follows from the acoustic file's family."""

    def __init__(
        self, finder: ModelFinder, model: Mapping[str, str], faults: list[ModelFault]
    ) -> None:
        self._finder = finder
        self._model = model
        self._faults = faults

    def files(self) -> dict[str, ModelFile]:
        found = [
            self._find(GPT, self._of_base(0), frozenset({Family.SEMANTIC})),
            self._find(SOVITS, self._of_base(1), ACOUSTIC_FAMILIES),
        ]
        sovits = found[1]
        if sovits is not None:
            found += self._companions(sovits)
        if sovits is not None and sovits.family is Family.TINY:
            found.append(self._find(HUBERT, "tiny-content", frozenset({Family.PHONETIC})))
            found.append(self._find(RECOGNISER, "tiny-recogniser", frozenset({Family.RECOGNISER})))
            return {file.role: file for file in found if file is not None}
        found.append(self._find(HUBERT, "hubert", frozenset({Family.HUBERT})))
        if BERT in self._model or self._finder.has("roberta"):
            found.append(self._find(BERT, "roberta", frozenset({Family.BERT})))
        return {file.role: file for file in found if file is not None}

    def _of_base(self, place: int) -> str:
        base = self._model.get(BASE, "")
        if not base:
            return ""
        bundle = BUNDLES.get(base.lower())
        if bundle is None:
            if not place:
                message = f'base: there is no family "{base}"{did_you_mean(base, BUNDLES)}'
                remedy = f"families are {', '.join(BUNDLES)}"
                self._faults.append(ModelFault(kind="unknown", message=message, remedy=remedy))
            return ""
        return bundle[place]

    def _companions(self, sovits: ModelFile) -> list[ModelFile | None]:
        found: list[ModelFile | None] = []
        family = sovits.family
        if sovits.is_lora:
            found.append(self._find(SOVITS_BASE, _BASES.get(family, ""), frozenset({family})))
        if family in _VOCODERS:
            name, kind = _VOCODERS[family]
            found.append(self._find(VOCODER, name, frozenset({kind})))
        if family in _PRO:
            found.append(self._find(SPEAKER, "speaker", frozenset({Family.SPEAKER})))
        return found

    def _find(self, role: str, default: str, families: frozenset[Family]) -> ModelFile | None:
        name = self._model.get(role) or default
        if not name:
            if BASE not in self._model:
                message = f'no "{role}" model is named'
                remedy = "write model: {gpt: NAME, sovits: NAME}, or model: {base: v2proplus}"
                self._faults.append(ModelFault(kind="unnamed", message=message, remedy=remedy))
            return None
        found = self._finder.file(role, name)
        if isinstance(found, ModelFault):
            self._faults.append(found)
            return None
        if found.family not in families:
            wanted = " or ".join(sorted(family.value for family in families))
            message = f'{role}: "{name}" is a {found.family.value} model, and must be {wanted}'
            remedy = "check which file is which: voicepipe models ls"
            self._faults.append(ModelFault(kind="family", message=message, remedy=remedy))
            return None
        return found


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return str(error)
