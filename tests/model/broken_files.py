"""Broken and deceitful weight files that carry no payload, each made by a function."""

from __future__ import annotations

import io
import random
import struct
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import torch
from hostile_files import GOOD_ROOT, GOOD_WEIGHTS, rewritten, saved, with_pickle

if TYPE_CHECKING:
    from pathlib import Path


def numpy_object(_: Path) -> bytes:
    import numpy as np

    return saved(GOOD_ROOT | {"config": np.array([object()], dtype=object)})


def extension_opcode(_: Path) -> bytes:
    return with_pickle(b"\x80\x02\x82\x01.")


def class_swap(_: Path) -> bytes:
    # An inert bag whose state tries to become something else: stays a bag, refused as config.
    data = (
        b"\x80\x02}(X\x06\x00\x00\x00weight}X\x06\x00\x00\x00configcutils\nHParams\n)\x81}"
        b"X\x09\x00\x00\x00__class__cutils\nHParams\nsbu."
    )
    return with_pickle(data)


def torchscript(_: Path) -> bytes:
    return rewritten(saved(GOOD_ROOT), extra={"archive/code/__torch__.py": b"import os"})


def compressed(_: Path) -> bytes:
    weights = {"dec.conv_pre.weight": torch.zeros(1 << 20)}
    return rewritten(saved({"weight": weights}), compression=zipfile.ZIP_DEFLATED)


def entries_sharing_bytes(_: Path) -> bytes:
    content = rewritten(saved({"weight": {"a": torch.ones(4000), "b": torch.zeros(4000)}}))
    directory = content.index(b"PK\x01\x02")
    first = content.index(b"archive/data/0", directory)
    second = content.index(b"archive/data/1", directory)
    body = bytearray(content)
    # The second entry's size grows over the rest of the file, and past it.
    body[second - 26 : second - 18] = struct.pack("<II", 60_000, 60_000)
    assert first < second
    return bytes(body)


def climbing_entry(_: Path) -> bytes:
    return rewritten(saved(GOOD_ROOT), extra={"archive/../../evil": b"x"})


def absolute_entry(_: Path) -> bytes:
    return rewritten(saved(GOOD_ROOT), rename=lambda name: "/" + name)


def foreign_entry(_: Path) -> bytes:
    return rewritten(saved(GOOD_ROOT), extra={"archive/setup.py": b"x"})


def two_archives_in_one(_: Path) -> bytes:
    return rewritten(saved(GOOD_ROOT), extra={"other/data/0": b"x"})


def archive_of_something_else(_: Path) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as target:
        target.writestr("archive/version", b"3")
    return stream.getvalue()


def cut_archive(_: Path) -> bytes:
    return saved(GOOD_ROOT)[:-700]


def cut_legacy(_: Path) -> bytes:
    return saved(GOOD_ROOT, legacy=True)[:-700]


def cut_pickle(_: Path) -> bytes:
    return rewritten(saved(GOOD_ROOT), pickled=lambda data: data[: len(data) // 2])


def old_tar(_: Path) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as target:
        info = tarfile.TarInfo("storages")
        info.size = 3
        target.addfile(info, io.BytesIO(b"abc"))
    return stream.getvalue()


def noise(_: Path) -> bytes:
    return random.Random(5).randbytes(4096)


def empty(_: Path) -> bytes:
    return b""


def huge_shape(_: Path) -> bytes:
    one = torch.ones(1)
    return saved({"weight": GOOD_WEIGHTS | {"x.weight": one.expand(1 << 20, 1 << 20)}})


def huge_sum(_: Path) -> bytes:
    one = torch.ones(1000, 1000)
    return saved({"weight": {f"layer.{n}": one for n in range(9)}})


def storage_larger_than_its_bytes(_: Path) -> bytes:
    def grow(data: bytes) -> bytes:
        start = data.index(b"cpu") + 3
        at = data.index(b"M", start)  # the storage's number of values
        return data[:at] + b"J" + (1 << 30).to_bytes(4, "little") + data[at + 3 :]

    return rewritten(saved({"weight": {"a": torch.ones(1000)}}), pickled=grow)


def legacy_storage_larger_than_the_file(_: Path) -> bytes:
    data = saved({"weight": {"a": torch.ones(1000)}}, legacy=True)
    at = data.index(b"M", data.index(b"cpu") + 3)
    return data[:at] + b"J" + (1 << 30).to_bytes(4, "little") + data[at + 3 :]


def not_a_number(_: Path) -> bytes:
    bad = torch.ones(512, 2, 7)
    bad[3, 1, 4] = float("nan")
    return saved({"weight": GOOD_WEIGHTS | {"dec.conv_pre.weight": bad.half()}})


def infinite(_: Path) -> bytes:
    return saved({"weight": GOOD_WEIGHTS | {"x.bias": torch.tensor([float("inf")])}})


def sparse(_: Path) -> bytes:
    return saved({"weight": GOOD_WEIGHTS | {"x.bias": torch.eye(3).to_sparse()}})


def complex_numbers(_: Path) -> bytes:
    return saved({"weight": GOOD_WEIGHTS | {"x.bias": torch.ones(2, dtype=torch.complex64)}})


def path_as_a_key(_: Path) -> bytes:
    return saved({"weight": GOOD_WEIGHTS | {"../../etc/passwd": torch.ones(1)}})


def number_as_a_key(_: Path) -> bytes:
    return saved({"weight": {7: torch.ones(1)}})


def endless_key(_: Path) -> bytes:
    return saved({"weight": {"a" * 300: torch.ones(1)}})


def text_for_a_weight(_: Path) -> bytes:
    return saved({"weight": GOOD_WEIGHTS | {"x.bias": "boo"}})


def no_weights(_: Path) -> bytes:
    return saved({"weight": {}, "config": {}})


def a_list(_: Path) -> bytes:
    return saved([torch.ones(1)])


def training_state(_: Path) -> bytes:
    return saved({"model": GOOD_WEIGHTS, "optimizer": {}, "iteration": 3})


def lightning_state(_: Path) -> bytes:
    return saved({"state_dict": GOOD_WEIGHTS, "epoch": 3})


def deep_config(_: Path) -> bytes:
    config: Any = 1
    for _level in range(20):
        config = {"a": config}
    return saved(GOOD_ROOT | {"config": config})


def doubling_config(_: Path) -> bytes:
    config: list[Any] = ["ha"]
    for _level in range(11):
        config = [config, config, config, config]
    return saved(GOOD_ROOT | {"config": config})


def tensor_in_config(_: Path) -> bytes:
    return saved(GOOD_ROOT | {"config": {"a": torch.ones(1)}})


def number_keyed_config(_: Path) -> bytes:
    return saved(GOOD_ROOT | {"config": {1: 2}})


def unknown_model(_: Path) -> bytes:
    return saved({"weight": {"unet.weight": torch.ones(1)}})


def names_given_twice(_: Path) -> bytes:
    stream = io.BytesIO(saved(GOOD_ROOT))
    with zipfile.ZipFile(stream, "a") as target, pytest.warns(UserWarning, match="Duplicate"):
        target.writestr("archive/data/0", b"x")
    return stream.getvalue()


def oversized_pickle(_: Path) -> bytes:
    return with_pickle(b"\x80\x02" + b"N" * (9 << 20) + b".")


def countless_entries(_: Path) -> bytes:
    return rewritten(saved(GOOD_ROOT), extra={f"archive/data/{n + 9}": b"" for n in range(100_001)})


def encrypted_entry(_: Path) -> bytes:
    body = bytearray(rewritten(saved(GOOD_ROOT)))
    directory = body.index(b"PK\x01\x02")
    body[directory + 8] |= 1
    return bytes(body)


def endless_pickle(_: Path) -> bytes:
    return with_pickle(b"\x80\x02" + b"N" * 301_000 + b".")


DEAD = {
    numpy_object: "asks for numpy",
    extension_opcode: "uses EXT1",
    class_swap: "holds no weights",
    torchscript: "TorchScript program",
    compressed: "is compressed",
    entries_sharing_bytes: "(add up to|damaged|compressed)",
    climbing_entry: "does not belong",
    absolute_entry: "does not belong",
    foreign_entry: r"entry 'archive/setup\.py' does not belong",
    two_archives_in_one: "not one of weights",
    archive_of_something_else: "not one of weights",
    cut_archive: "damaged or cut short",
    cut_legacy: "cut short or damaged",
    cut_pickle: "damaged or cut short",
    old_tar: "begins with",
    noise: "begins with",
    empty: "the file is empty",
    huge_shape: "x.weight claims shape",
    huge_sum: "add up to over twice",
    storage_larger_than_its_bytes: "has 4000, and must have 4294967296 bytes",
    legacy_storage_larger_than_the_file: "names 1073741824 values in a file of",
    not_a_number: "dec.conv_pre.weight holds a NaN or an infinity",
    infinite: "x.bias holds a NaN or an infinity",
    sparse: "asks for torch",
    complex_numbers: "asks for torch.ComplexFloatStorage",
    path_as_a_key: r"'\.\./\.\./etc/passwd' cannot be the name of a weight",
    number_as_a_key: "'7' cannot be the name",
    endless_key: "cannot be the name",
    text_for_a_weight: "x.bias is a str, and must be a tensor",
    no_weights: "holds no weights",
    a_list: "holds a list",
    training_state: "a training state",
    lightning_state: "a training state",
    deep_config: "nested over 12 deep",
    doubling_config: "over 20000 values",
    tensor_in_config: "config holds a StoredTensor",
    number_keyed_config: "config has the key 1",
    unknown_model: "no known kind of model has these 1 weights",
    names_given_twice: "share a name",
    oversized_pickle: "a pickle of",
    countless_entries: "the limit is 100000",
    encrypted_entry: "is encrypted",
    endless_pickle: "over 300000 steps",
}
