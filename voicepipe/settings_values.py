"""Values that `voicepipe.yaml` and the voices' files may hold, and what is wrong with others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import AfterValidator, Field

from voicepipe.documents.portable import is_reserved_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BIT_DEPTHS: Final = (16, 24, 32)
"""16 and 24 are whole numbers, 32 is floating point."""
PRECISIONS: Final = ("float32", "int8", "float16", "bfloat16")
"""float32 anywhere, int8 on a CPU, the halves on a GPU."""
MARKUP_KINDS: Final = ("none", "renpy", "bbcode", "html")
"""Whose tags a script's texts may hold."""
PROSODY_USES: Final = ("auto", "on", "off")
"""By the project's table if there is one, by the standard rows too, or not at all."""
STORE_SCHEMES: Final = ("s3", "gs", "gcs", "file", "memory")
"""Where a shared store may lie; `memory` ends with the process and serves trials."""


def language_tag_problem(tag: str) -> str:
    """Say why a word is not a language tag as projects spell them.

    Returns:
        Empty for `zh`, `yue`, `pt-br` and their like.
    """
    if tag.startswith("all_") and not language_tag_problem(tag[4:]):
        return f'"{tag}" is not a language tag: write "{tag[4:]}"'
    first, *rest = tag.split("-")
    is_tag = first.isalpha() and 2 <= len(first) <= 3 and tag.isascii()
    if not (is_tag and all(part.isalnum() and 2 <= len(part) <= 8 for part in rest)):
        return f'"{tag}" is not a language tag such as zh, en or pt-br'
    if tag != tag.lower():
        return f'language tags are lower case: write "{tag.lower()}"'
    if is_reserved_name(tag):
        return f'Windows allows no folder "{tag}": add a region, as in "{tag}-xx"'
    return ""


def territory_problem(code: str) -> str:
    """Say why a word is no country as consent records spell them.

    Returns:
        Empty for `DE`, `JP` and their like (ISO 3166-1), and for `*`.
    """
    if code == "*" or (len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()):
        return ""
    return f'"{code[:20]}" is not a country as two capital letters (DE, JP), or "*"'


def _territory(code: str) -> str:
    problem = territory_problem(code)
    if problem:
        raise ValueError(problem)
    return code


def _language_tag(tag: str) -> str:
    problem = language_tag_problem(tag)
    if problem:
        raise ValueError(problem)
    return tag


def _bit_depth(bits: int) -> int:
    if bits not in BIT_DEPTHS:
        raise ValueError(f"{bits} is not 16, 24 or 32 (floating point)")
    return bits


def devices_of(names: str) -> tuple[str, ...]:
    """Read a list of devices, such as `cpu` or `cuda:0,cuda:1`.

    Raises:
        ValueError: One is none, or is listed twice.
    """
    devices = tuple(name.strip() for name in names.split(","))
    for number, name in enumerate(devices):
        kind, colon, index = name.partition(":")
        is_numbered = bool(colon) and kind == "cuda" and index.isascii() and index.isdigit()
        if name not in ("cpu", "cuda", "mps") and not is_numbered:
            raise ValueError(f'"{name}" is not cpu, cuda, cuda:<number> or mps')
        if name in devices[:number]:
            raise ValueError(f'"{name}" is listed twice: one process renders on a device')
    return devices


def _devices(names: str) -> str:
    return ",".join(devices_of(names))


def _one_of(names: Sequence[str]) -> Callable[[str], str]:
    def checked(name: str) -> str:
        if name not in names:
            raise ValueError(f'"{name}" is not one of {", ".join(names)}')
        return name

    return checked


def _bank_name(name: str) -> str:
    letters = name.replace("_", "").replace("-", "")
    is_plain = letters.isascii() and letters.isalnum() and name == name.lower()
    if not (is_plain and name[0].isalpha() and len(name) <= 64):
        raise ValueError(
            f'"{name}" is not lower-case letters, digits, "_" and "-", starting with a letter'
        )
    if is_reserved_name(name):
        raise ValueError(f'Windows allows no folder "{name}"')
    return name


def _store(url: str) -> str:
    scheme, separator, place = url.partition("://")
    if url and not (separator and place and scheme in STORE_SCHEMES):
        # The value is not repeated: it may hold a password.
        raise ValueError("it is not s3://bucket/prefix, gs://bucket/prefix or file:///folder")
    return url


def _releases(wanted: str) -> str:
    try:
        SpecifierSet(wanted)
    except InvalidSpecifier as error:
        raise ValueError(f'"{wanted[:80]}" is no range of releases such as ">=0.1,<0.2"') from error
    return wanted


LanguageTag = Annotated[
    str, AfterValidator(_language_tag), Field(json_schema_extra={"examples": ["zh", "pt-br"]})
]
Territory = Annotated[str, AfterValidator(_territory)]
BitDepth = Annotated[
    int, AfterValidator(_bit_depth), Field(json_schema_extra={"enum": list(BIT_DEPTHS)})
]
Devices = Annotated[str, AfterValidator(_devices)]
Precision = Annotated[
    str, AfterValidator(_one_of(PRECISIONS)), Field(json_schema_extra={"enum": list(PRECISIONS)})
]
Markup = Annotated[
    str,
    AfterValidator(_one_of(MARKUP_KINDS)),
    Field(json_schema_extra={"enum": list(MARKUP_KINDS)}),
]
ProsodyUse = Annotated[
    str,
    AfterValidator(_one_of(PROSODY_USES)),
    Field(json_schema_extra={"enum": list(PROSODY_USES)}),
]
BankName = Annotated[str, AfterValidator(_bank_name)]
StoreAddress = Annotated[
    str, AfterValidator(_store), Field(json_schema_extra={"examples": ["s3://bucket/prefix"]})
]
Releases = Annotated[
    str, AfterValidator(_releases), Field(json_schema_extra={"examples": [">=0.1,<0.2"]})
]
