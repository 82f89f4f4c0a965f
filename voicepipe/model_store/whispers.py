"""Whisper in CTranslate2's form: where each size lies, and the hashes of its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

Pin = tuple[str, "int | None"]
"""sha256 of a file and its bytes, where they are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhisperFiles:
    """One size."""

    size: str
    summary: str
    repository: str
    revision: str
    files: Mapping[str, Pin]
    """By name, weights first."""


_TOKENIZER: Final = ("fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab", 2_203_239)
_VOCABULARY: Final = ("34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913", 459_861)

WHISPERS: Final = (
    WhisperFiles(
        size="base",
        summary="the smallest that will do",
        repository="Systran/faster-whisper-base",
        revision="ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
        files={
            "model.bin": (
                "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
                145_217_532,
            ),
            "config.json": (
                "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
                None,
            ),
            "tokenizer.json": _TOKENIZER,
            "vocabulary.txt": _VOCABULARY,
        },
    ),
    WhisperFiles(
        size="small",
        summary="three times the work, fewer doubts",
        repository="Systran/faster-whisper-small",
        revision="536b0662742c02347bc0e980a01041f333bce120",
        files={
            "model.bin": (
                "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671",
                483_546_902,
            ),
            "config.json": (
                "b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828",
                None,
            ),
            "tokenizer.json": _TOKENIZER,
            "vocabulary.txt": _VOCABULARY,
        },
    ),
    WhisperFiles(
        size="large-v3-turbo",
        summary="for machines with time",
        repository="dropbox-dash/faster-whisper-large-v3-turbo",
        revision="0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf",
        files={
            "model.bin": (
                "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da",
                1_617_884_929,
            ),
            "config.json": (
                "b0253ea6c0d3bea6b1e19e91a02acfd3b53f4467362efcb5a3e6b16c9b3a9b7e",
                2_263,
            ),
            "preprocessor_config.json": (
                "7ccc62c6f2765af1f3b46c00c9b5894426835a05021c8b9c01eecb6dfb542711",
                340,
            ),
            "tokenizer.json": (
                "297b13372ac43916285644fb9687add3cc62ee2a1adb60da3dc25cc94c1871fd",
                None,
            ),
            "vocabulary.json": (
                "c69260f2ab26d659b7c398f9a2b2b48ed0df16c3b47d7326782fd9cba71690c1",
                None,
            ),
        },
    ),
)
