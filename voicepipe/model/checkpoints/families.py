"""Which family a set of weights belongs to: by header first, then by shapes.

Torch-free: it sees names and shapes, not values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from voicepipe.errors import CheckpointError
from voicepipe.model.config import HEADER_FAMILIES, Family

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Shapes = Mapping[str, tuple[int, ...]]

BASE_V3_SHA256: Final = "f33abb1920076d988e1711d5f41b5c9c6d7f92575b4acf0ad4fae6a4ebf0cf19"
"""`s2Gv3.pth` of lj1995/GPT-SoVITS."""
BASE_V4_SHA256: Final = "906fe22f48c3e037a389df291d4d32a9414e15dbb8f9628643e83aaced109ea4"
"""`s2Gv4.pth` of lj1995/GPT-SoVITS: the same names and shapes as v3, and no header."""

SOURCE_FILTER_LANDMARK: Final = "dec.envelope.weight"
"""A tensor that only a source-filter generator has."""

_V1_SYMBOLS = 322
_PRO_PLUS_GENERATOR_WIDTH = 768
_FLOW_FAMILIES = (Family.V3, Family.V4)
_KNOWN_BASES = {BASE_V3_SHA256: Family.V3, BASE_V4_SHA256: Family.V4}

# First match wins: a name that only this kind of file has.
_LANDMARKS: Final = (
    ("ar_predict_layer.weight", Family.SEMANTIC),
    ("feature_extractor.conv_layers.0.conv.weight", Family.HUBERT),
    ("entry.weight", Family.PHONETIC),
    ("codes.weight", Family.RECOGNISER),
    (SOURCE_FILTER_LANDMARK, Family.TINY),
    ("hubert.feature_extractor.conv_layers.0.conv.weight", Family.HUBERT),
    ("embeddings.word_embeddings.weight", Family.BERT),
    ("bert.embeddings.word_embeddings.weight", Family.BERT),
    ("discriminators.0.conv_post.bias", Family.DISCRIMINATOR),
    ("activation_post.act.alpha", Family.BIGVGAN),
    ("layer3_ds.weight", Family.SPEAKER),
)


def header_family(head: bytes) -> tuple[Family, bool] | None:
    """Read the two bytes that newer acoustic files carry in place of the zip magic."""
    return HEADER_FAMILIES.get(bytes(head[:2]))


def recognise(
    shapes: Shapes,
    *,
    path: Path,
    head: bytes = b"PK",
    config: Mapping[str, Any] | None = None,
    sha256: str = "",
    stated: Family | None = None,
) -> Family:
    """Say what a file holds.

    Args:
        shapes: Every tensor's name and shape.
        path: For messages.
        head: The file's first two bytes, as they are on disk.
        config: The checkpoint's own configuration; only its model version is looked at.
        sha256: Hash of the file; tells the two published flow-matching bases apart.
        stated: What the user says it is.

    Raises:
        CheckpointError: Nothing known matches, two tokens of evidence contradict each other, or
            v3 and v4 cannot be told apart.
    """
    coded = header_family(head)
    by_shape = _families_by_shape(shapes)
    claims = [family for family in (stated, coded[0] if coded else None) if family is not None]
    for claim in claims:
        if claim not in by_shape:
            found = " or ".join(family.value for family in by_shape) or "nothing known"
            msg = f"{path}: said to be {claim.value}, but its weights are those of {found}"
            raise CheckpointError(msg, remedy="check that the file is the one you meant")
    if len(set(claims)) > 1:
        msg = f"{path}: said to be {claims[0].value}, but its header says {claims[1].value}"
        raise CheckpointError(msg)
    if claims:
        return claims[0]
    if len(by_shape) == 1:
        return by_shape[0]
    if not by_shape:
        msg = f"{path}: no known kind of model has these {len(shapes)} weights"
        raise CheckpointError(msg, remedy="give a GPT-SoVITS .ckpt or .pth file")
    return _tell_flow_apart(config or {}, path=path, sha256=sha256)


def _families_by_shape(shapes: Shapes) -> tuple[Family, ...]:
    for landmark, family in _LANDMARKS:
        if landmark in shapes:
            return (family,)
    if any(key.startswith("cfm.") for key in shapes):
        return _FLOW_FAMILIES
    if "enc_p.text_embedding.weight" in shapes and _first("dec.conv_pre.weight", shapes):
        return (_generator_family(shapes),)
    if any(key.startswith("conv_pre.weight") for key in shapes):
        return (Family.VOCODER_V4,)
    return ()


def _generator_family(shapes: Shapes) -> Family:
    if "sv_emb.weight" in shapes:
        wide = _first("dec.conv_pre.weight", shapes) == _PRO_PLUS_GENERATOR_WIDTH
        return Family.V2_PRO_PLUS if wide else Family.V2_PRO
    is_v1 = _first("enc_p.text_embedding.weight", shapes) == _V1_SYMBOLS
    return Family.V1 if is_v1 else Family.V2


def _first(key: str, shapes: Shapes) -> int:
    shape = shapes.get(key, ())
    return shape[0] if shape else 0


def _tell_flow_apart(config: Mapping[str, Any], *, path: Path, sha256: str) -> Family:
    if sha256 in _KNOWN_BASES:
        return _KNOWN_BASES[sha256]
    model = config.get("model")
    version = model.get("version") if isinstance(model, dict) else None
    for family in _FLOW_FAMILIES:
        if version == family.value:
            return family
    msg = f"{path}: v3 and v4 files have the same names and shapes, and this one does not say which"
    raise CheckpointError(msg, remedy="say which with --family v3 or --family v4")
