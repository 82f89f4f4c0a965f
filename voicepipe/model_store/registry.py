"""The models to be had by name: where each lies, and the hash of its bytes.

Every file is pinned to a revision and a sha256. Nothing here touches the
network, the disk or torch.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.errors import UsageError
from voicepipe.model.checkpoints.families import BASE_V3_SHA256, BASE_V4_SHA256
from voicepipe.model.config import Family
from voicepipe.model_store.whispers import WHISPERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.model_store.whispers import WhisperFiles

REPOSITORY: Final = "lj1995/GPT-SoVITS"
"""Where the project's authors publish, under the MIT licence, with copies of what they build on."""
REVISION: Final = "336b2ec4e8d4ac74740798dd40af44e74659ecaf"
EMBEDDED: Final = "voicepipe"
"""In place of a repository: the files are part of this package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """One file of a published model."""

    path: str
    """In the repository."""
    sha256: str
    """What its bytes must hash to."""
    n_bytes: int | None = None
    """Size, where it is known."""

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedModel:
    """A model that can be fetched by name."""

    name: str
    summary: str
    family: Family
    weights: PublishedFile
    companions: tuple[PublishedFile, ...] = ()
    """Configuration and tokenizer files the weights are used with."""
    repository: str = REPOSITORY
    revision: str = REVISION

    @property
    def files(self) -> tuple[PublishedFile, ...]:
        """All of its files, weights first."""
        return (self.weights, *self.companions)

    @property
    def is_kept(self) -> bool:
        """Whether its files stay as they are published, for a library that reads them."""
        return self.family is Family.WHISPER

    @property
    def is_embedded(self) -> bool:
        """Whether it comes with voicepipe, so that nothing has to be fetched."""
        return self.repository == EMBEDDED


def _hubert(name: str, sha256: str, n_bytes: int) -> PublishedFile:
    return PublishedFile(path=f"chinese-hubert-base/{name}", sha256=sha256, n_bytes=n_bytes)


def _roberta(name: str, sha256: str, n_bytes: int) -> PublishedFile:
    path = f"chinese-roberta-wwm-ext-large/{name}"
    return PublishedFile(path=path, sha256=sha256, n_bytes=n_bytes)


def _tiny(
    name: str, summary: str, family: Family, weights: str, description: str
) -> PublishedModel:
    return PublishedModel(
        name=name,
        summary=f"{summary} of the embedded voice; comes with voicepipe",
        family=family,
        weights=PublishedFile(path=f"{name}/model.safetensors", sha256=weights),
        companions=(PublishedFile(path=f"{name}/model.json", sha256=description),),
        repository=EMBEDDED,
        # Never forgotten when the weights change: a project that holds others is brought these.
        revision=weights[:12],
    )


def _whisper(model: WhisperFiles) -> PublishedModel:
    weights, *companions = (
        PublishedFile(path=path, sha256=sha256, n_bytes=n_bytes)
        for path, (sha256, n_bytes) in model.files.items()
    )
    return PublishedModel(
        name=f"whisper-{model.size}",
        summary=f"recogniser of `voicepipe qc`, {model.summary} (OpenAI Whisper, MIT)",
        family=Family.WHISPER,
        weights=weights,
        companions=tuple(companions),
        repository=model.repository,
        revision=model.revision,
    )


_ALL: Final = (
    _tiny(
        "tiny-gpt",
        "semantic stage",
        Family.SEMANTIC,
        "0e1a54ab93ad24553172d22a5de70ed44bed906d8a637491b23a798fc56d8064",
        "cbbf910be3572c0d2ee54b43e1b19d34ba6d9b26725eb7cd435b1289a5f7c200",
    ),
    _tiny(
        "tiny-sovits",
        "acoustic stage",
        Family.TINY,
        "6502775ee41dd050a3065daa54b1f7eaf8ad6247696d01b6600759dfe0edaea0",
        "8173a6417d20e27a1fa3d3973103ebac7cac00e2f83e013c42fe329e815eccdb",
    ),
    _tiny(
        "tiny-content",
        "content encoder",
        Family.PHONETIC,
        "9fb8f76b8c673e936b017c291a9ae0b1386be4194d585e35cb5091afb8b462c5",
        "bfe9f47f375f53ee9acedcf94e70d3f682816110197895d411d4f7fdf8347ac9",
    ),
    _tiny(
        "tiny-recogniser",
        "phoneme recogniser",
        Family.RECOGNISER,
        "07d044357a8fa91202410c1787cb7367cddce8b7d26434f814e2d63d6d2c585e",
        "370136d554dcef551864d3f8fe8d0e819b998088caa2f20cf41b9c76d4f558a1",
    ),
    PublishedModel(
        name="s1-v1",
        summary="semantic stage of v1",
        family=Family.SEMANTIC,
        weights=PublishedFile(
            path="s1bert25hz-2kh-longer-epoch=68e-step=50232.ckpt",
            sha256="b1c1e17e9c99547a89388f72048cd6e1b41b5a18b170e86a46dfde0324d63eb1",
        ),
    ),
    PublishedModel(
        name="s1-v2",
        summary="semantic stage of v2",
        family=Family.SEMANTIC,
        weights=PublishedFile(
            path="gsv-v2final-pretrained/s1bert25hz-5kh-longer-epoch=12-step=369668.ckpt",
            sha256="732f94e63b148066e24c7f9d2637f3374083e637635f07fbdb695dee20ddbe1f",
        ),
    ),
    PublishedModel(
        name="s1-v3",
        summary="semantic stage of v3, v4, v2Pro and v2ProPlus",
        family=Family.SEMANTIC,
        weights=PublishedFile(
            path="s1v3.ckpt",
            sha256="87133414860ea14ff6620c483a3db5ed07b44be42e2c3fcdad65523a729a745a",
            n_bytes=155_284_856,
        ),
    ),
    PublishedModel(
        name="s2-v1",
        summary="acoustic stage of v1",
        family=Family.V1,
        weights=PublishedFile(
            path="s2G488k.pth",
            sha256="020a014e1e01e550e510f2f61fae5e5f5b6aab40f15c22f1f12f724df507e835",
        ),
    ),
    PublishedModel(
        name="s2-v2",
        summary="acoustic stage of v2",
        family=Family.V2,
        weights=PublishedFile(
            path="gsv-v2final-pretrained/s2G2333k.pth",
            sha256="924fdccaa3c574bf139c25c9759aa1ed3b3f99e19a7c529ee996c2bc17663695",
        ),
    ),
    PublishedModel(
        name="s2-v2pro",
        summary="acoustic stage of v2Pro; needs `speaker`",
        family=Family.V2_PRO,
        weights=PublishedFile(
            path="v2Pro/s2Gv2Pro.pth",
            sha256="0f8ead815234365edf045c6d86370ed6e4f440e8195be77ff0ea72684ad406a5",
            n_bytes=162_303_657,
        ),
    ),
    PublishedModel(
        name="s2-v2proplus",
        summary="acoustic stage of v2ProPlus; needs `speaker`",
        family=Family.V2_PRO_PLUS,
        weights=PublishedFile(
            path="v2Pro/s2Gv2ProPlus.pth",
            sha256="d42a22bbbf65fb2bbdd45ad6a66841156977db45c7aabe0a6992ff378d9c7d3b",
            n_bytes=200_125_741,
        ),
    ),
    PublishedModel(
        name="s2-v3",
        summary="acoustic stage of v3; needs `bigvgan`",
        family=Family.V3,
        weights=PublishedFile(path="s2Gv3.pth", sha256=BASE_V3_SHA256, n_bytes=769_035_145),
    ),
    PublishedModel(
        name="s2-v4",
        summary="acoustic stage of v4; needs `vocoder-v4`",
        family=Family.V4,
        weights=PublishedFile(
            path="gsv-v4-pretrained/s2Gv4.pth", sha256=BASE_V4_SHA256, n_bytes=769_025_545
        ),
    ),
    PublishedModel(
        name="bigvgan",
        summary="24 kHz vocoder of v3",
        family=Family.BIGVGAN,
        weights=PublishedFile(
            path="models--nvidia--bigvgan_v2_24khz_100band_256x/bigvgan_generator.pt",
            sha256="6f9c5715550c9d0f11159ceb8935638da5aeb19e27d1e63677632df095e376f5",
        ),
        companions=(
            PublishedFile(
                path="models--nvidia--bigvgan_v2_24khz_100band_256x/config.json",
                sha256="d77e2c96583ca2296ac112a56ec7cc6bd5da4bf7681ceff18448bedc4fcf6512",
            ),
        ),
    ),
    PublishedModel(
        name="vocoder-v4",
        summary="48 kHz vocoder of v4",
        family=Family.VOCODER_V4,
        weights=PublishedFile(
            path="gsv-v4-pretrained/vocoder.pth",
            sha256="4d611913df7b12d49e8976c944558d2d096816365edfc6c35a9e85b67dd14ed9",
            n_bytes=57_781_109,
        ),
    ),
    PublishedModel(
        name="speaker",
        summary="speaker verification of the Pro families (ERes2NetV2, Apache-2.0)",
        family=Family.SPEAKER,
        weights=PublishedFile(
            path="sv/pretrained_eres2netv2w24s4ep4.ckpt",
            sha256="4f5a0bf73c61eb41b174e1bb54e7ee3c83233892be8e0af1f187024e8e581a35",
            n_bytes=107_528_697,
        ),
    ),
    PublishedModel(
        name="hubert",
        summary="content encoder of every family (chinese-hubert-base)",
        family=Family.HUBERT,
        weights=_hubert(
            "pytorch_model.bin",
            "24164f129c66499d1346e2aa55f183250c223161ec2770c0da3d3b08cf432d3c",
            188_811_417,
        ),
        companions=(
            _hubert(
                "config.json",
                "c3e5060a1277e0f078cc6be9da4528a605dba6ece93018981fe2c820e5c7b103",
                1_449,
            ),
            _hubert(
                "preprocessor_config.json",
                "dcd684124d06722947939d41ea6ae58dbf10968c60a11a29f23ddc602c64a29b",
                212,
            ),
        ),
    ),
    PublishedModel(
        name="roberta",
        summary="linguistic features of Chinese lines (chinese-roberta-wwm-ext-large, Apache-2.0)",
        family=Family.BERT,
        weights=_roberta(
            "pytorch_model.bin",
            "e53a693acc59ace251d143d068096ae0d7b79e4b1b503fa84c9dcf576448c1d8",
            651_225_145,
        ),
        companions=(
            _roberta(
                "config.json",
                "3d57de2fd7e80d0e5c8ff194f0bbb6baa10df7e43fc262a0cc71298a78b0a3e5",
                963,
            ),
            _roberta(
                "tokenizer.json",
                "173796956820ea27bd14f76bf28162607ff4254807e2948253eb5b46f5bb643b",
                268_962,
            ),
        ),
    ),
    *map(_whisper, WHISPERS),
)

PUBLISHED: Final = {model.name: model for model in _ALL}
"""Every model that can be had, by name."""

BUNDLES: Final = {
    "tiny": ("tiny-gpt", "tiny-sovits", "tiny-content", "tiny-recogniser"),
    "v1": ("s1-v1", "s2-v1", "hubert", "roberta"),
    "v2": ("s1-v2", "s2-v2", "hubert", "roberta"),
    "v2pro": ("s1-v3", "s2-v2pro", "speaker", "hubert", "roberta"),
    "v2proplus": ("s1-v3", "s2-v2proplus", "speaker", "hubert", "roberta"),
    "v3": ("s1-v3", "s2-v3", "bigvgan", "hubert", "roberta"),
    "v4": ("s1-v3", "s2-v4", "vocoder-v4", "hubert", "roberta"),
}
"""All that one family needs to render, by the family's name in lower case."""

_ALIASES: Final = {"bert": "roberta"}


def find_published(names: Sequence[str]) -> tuple[PublishedModel, ...]:
    """Turn names of models and bundles into models, each once, in the order asked for.

    Raises:
        UsageError: A name is neither; the message says what may have been meant.
    """
    found: dict[str, PublishedModel] = {}
    for name in names:
        wanted = _ALIASES.get(name.lower(), name.lower())
        members = BUNDLES.get(wanted, (wanted,))
        for member in members:
            model = PUBLISHED.get(member)
            if model is None:
                raise _unknown(name)
            found[member] = model
    return tuple(found.values())


def _unknown(name: str) -> UsageError:
    close = difflib.get_close_matches(name.lower(), [*PUBLISHED, *BUNDLES], n=1)
    meant = f'did you mean "{close[0]}"? ' if close else ""
    return UsageError(
        f'no published model is called "{name}"',
        remedy=f"{meant}`voicepipe models ls --available` lists them",
    )
