"""Malicious and broken weight files, each made by a function of where its payload would write."""

from __future__ import annotations

import io
import pickle  # noqa: TID251 - writes the malicious files
import zipfile
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD_WEIGHTS = {
    "enc_p.text_embedding.weight": torch.ones(732, 2).half(),
    "dec.conv_pre.weight": torch.ones(512, 2, 7).half(),
}
GOOD_ROOT = {"weight": GOOD_WEIGHTS, "config": {"model": {"width": 2}}, "info": "e8"}
CANARY = "ran"


class Call:
    """Pickles as a call of something."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self._reduced = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self._reduced


def saved(root: object, *, legacy: bool = False) -> bytes:
    stream = io.BytesIO()
    torch.save(root, stream, _use_new_zipfile_serialization=not legacy)
    return stream.getvalue()


def rewritten(
    content: bytes,
    *,
    pickled: Callable[[bytes], bytes] = lambda data: data,
    rename: Callable[[str], str] = lambda name: name,
    extra: dict[str, bytes] | None = None,
    compression: int = zipfile.ZIP_STORED,
) -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(stream, "w", compression) as target,
    ):
        for name in source.namelist():
            data = source.read(name)
            target.writestr(rename(name), pickled(data) if name.endswith("data.pkl") else data)
        for name, data in (extra or {}).items():
            target.writestr(name, data)
    return stream.getvalue()


def with_pickle(data: bytes) -> bytes:
    return rewritten(saved(GOOD_ROOT), pickled=lambda _: data)


def touch(path: Path) -> tuple[Callable[..., object], str]:
    import os

    return os.system, f"echo > {path}"


def shell_in_config(canary: Path) -> bytes:
    return saved(GOOD_ROOT | {"config": Call(*touch(canary))})


def shell_in_weights(canary: Path) -> bytes:
    return saved({"weight": GOOD_WEIGHTS | {"x": Call(*touch(canary))}, "config": {}})


def shell_under_a_family_code(canary: Path) -> bytes:
    return b"05" + shell_in_config(canary)[2:]


def shell_in_a_legacy_file(canary: Path) -> bytes:
    return saved(GOOD_ROOT | {"config": Call(*touch(canary))}, legacy=True)


def shell_in_a_legacy_preamble(canary: Path) -> bytes:
    good = saved(GOOD_ROOT, legacy=True)
    stream = io.BytesIO(good)
    pickle.load(stream), pickle.load(stream)
    head = good[: stream.tell()]
    pickle.load(stream)
    return head + pickle.dumps(Call(*touch(canary)), 2) + good[stream.tell() :]


def shell_in_a_bare_pickle(canary: Path) -> bytes:
    return pickle.dumps(Call(*touch(canary)), 2)


def evaluated_text(canary: Path) -> bytes:
    return saved(
        {"weight": GOOD_WEIGHTS, "config": Call(eval, f"open({str(canary)!r}, 'w').close()")}
    )


def attribute_walk(canary: Path) -> bytes:
    return with_pickle(
        b"\x80\x02cbuiltins\ngetattr\ncos\npath\nX\x02\x00\x00\x00os\x86R"
        b"X\x06\x00\x00\x00system\x86" + pickle.dumps(str(canary), 2)[2:]
    )


def stacked_name(canary: Path) -> bytes:
    return with_pickle(pickle.dumps({"weight": Call(*touch(canary))}, 4))


def old_instance_opcode(canary: Path) -> bytes:
    return with_pickle(b"(S'echo > " + str(canary).encode() + b"'\nios\nsystem\n.")


def nested_checkpoint(canary: Path) -> bytes:
    inner = pickle.dumps(Call(*touch(canary)), 2)
    return saved(GOOD_ROOT | {"config": Call(torch.storage._load_from_bytes, inner)})


LIVE = {
    shell_in_config: "asks for .*system",
    shell_in_weights: "asks for .*system",
    shell_under_a_family_code: "asks for .*system",
    shell_in_a_legacy_file: "asks for .*system",
    shell_in_a_legacy_preamble: "asks for .*system",
    shell_in_a_bare_pickle: "asks for .*system",
    evaluated_text: "asks for .*builtin.*eval",
    attribute_walk: "asks for .*getattr",
    stacked_name: "asks for .*system",
    old_instance_opcode: "uses STRING",
    nested_checkpoint: r"asks for torch\.storage\._load_from_bytes",
}
