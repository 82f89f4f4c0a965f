"""Small weight files that ask for much: depth, memory, steps, entries. Each made by a function."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
from typing import TYPE_CHECKING

import torch
from hostile_files import GOOD_ROOT, rewritten, saved, with_pickle

if TYPE_CHECKING:
    from collections.abc import Callable

_START, _STOP = b"\x80\x02", b"."
_CONFIG = re.compile(rb"(X\x06\0\0\0config(?:q.|r....))N", re.DOTALL)


def _text(content: bytes) -> bytes:
    return b"X" + struct.pack("<I", len(content)) + content


def _with_config(pickled: bytes) -> bytes:
    """A good file, but for the opcodes that make its configuration."""

    def put(data: bytes) -> bytes:
        changed, count = _CONFIG.subn(lambda found: found[1] + pickled, data)
        assert count == 1
        return changed

    return rewritten(saved(GOOD_ROOT | {"config": None}), pickled=put)


def deep_tuple_as_a_key() -> bytes:
    return _with_config(b"}(" + b")" + b"\x85" * 268_000 + b"Nu")


def deep_tuple_in_the_config() -> bytes:
    return _with_config(b")" + b"\x85" * 268_000)


def deep_lists_within_marks() -> bytes:
    return _with_config(b"](" * 100_000 + b"e" * 100_000)


def a_list_that_holds_itself() -> bytes:
    return _with_config(b"]q\0h\0a")


def a_mapping_that_holds_itself() -> bytes:
    return _with_config(b"}q\0X\x01\0\0\0ah\0s")


def six_megabytes_of_text_named_19_000_times() -> bytes:
    return _with_config(b"](" + _text(b"a" * 6_000_000) + b"q\0" + b"h\0" * 19_000 + b"e")


def long_paths_over_and_over() -> bytes:
    part = _text(b"a" * 4_000_000) + b"q\1"
    calls = b"h\0h\1\x85R" * 10_000
    start = b"](cpathlib\nPosixPath\nq\0" + part
    return _with_config(start + calls + b"e")


def state_copied_over_and_over() -> bytes:
    entries = b"".join(_text(b"%d" % n) + b"N" for n in range(20_000))
    bag = b"cutils\nHParams\n)\x81q\0"
    return _with_config(b"}(" + entries + b"uq\1" + bag + b"h\1b" * 50_000)


def state_within_state() -> bytes:
    return _with_config(b"cutils\nHParams\n)\x81q\0}X\x01\0\0\0ah\0sb")


def a_thousand_names_of_one_tensor() -> bytes:
    one = torch.ones(20_001)
    return saved({"weight": {f"layer.{n}": one[n : n + 1] for n in range(6_000)}})


def a_tensor_of_sixty_dimensions() -> bytes:
    return saved({"weight": {"conv_pre.weight": torch.ones(1).reshape([1] * 60)}})


def a_value_repeated_into_terabytes() -> bytes:
    return saved({"weight": {"conv_pre.weight": torch.ones(1).expand(1 << 40)}})


def text_that_is_no_unicode() -> bytes:
    return _with_config(b"]" + _text("\ud800".encode("utf-8", "surrogatepass")) + b"a")


def a_whole_number_beyond_json() -> bytes:
    return saved(GOOD_ROOT | {"config": {"n": 1 << 200}})


def a_name_with_terminal_codes() -> bytes:
    return with_pickle(_START + b"cos\x1b[2J\nsystem\n" + _STOP)


def a_list_of_entries_larger_than_any() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("archive/data.pkl", b"")
        archive.getinfo("archive/data.pkl").comment = b""
    content = stream.getvalue()
    at = content.index(b"PK\x05\x06")
    size = 20 << 20
    end = bytearray(content[at:])
    end[12:16] = struct.pack("<I", size)
    return content[:at] + b"\0" * size + bytes(end)


HEAVY: dict[Callable[[], bytes], str] = {
    deep_tuple_as_a_key: "a key that is a tuple",
    deep_tuple_in_the_config: "nested over 32 deep, or hold themselves",
    deep_lists_within_marks: "nested over 32 deep",
    a_list_that_holds_itself: "or hold themselves",
    a_mapping_that_holds_itself: "or hold themselves",
    six_megabytes_of_text_named_19_000_times: "config holds over 1048576 characters of text",
    long_paths_over_and_over: "a path of over 4096 characters",
    state_copied_over_and_over: "over 300000 steps",
    state_within_state: "or hold themselves",
    a_thousand_names_of_one_tensor: "(over 300000 steps|no known kind)",
    a_tensor_of_sixty_dimensions: "a tensor of 60 dimensions, and the limit is 8",
    a_value_repeated_into_terabytes: "conv_pre.weight claims shape",
    text_that_is_no_unicode: "text that is no Unicode",
    a_whole_number_beyond_json: "a whole number of 201 bits",
    a_name_with_terminal_codes: r"asks for 'os\\x1b\[2J\.system'",
    a_list_of_entries_larger_than_any: "a list of entries of 20971520 bytes",
}
"""With what each is refused."""


def safetensors(header: object, *, n_bytes: int = 0) -> bytes:
    content = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(content)) + content + b"\0" * n_bytes


def _one(shape: list[int], n_bytes: int) -> bytes:
    facts = {"dtype": "F32", "shape": shape, "data_offsets": [0, n_bytes]}
    return safetensors({"x.weight": facts}, n_bytes=n_bytes)


HEAVY_SAFETENSORS: dict[str, tuple[bytes, str]] = {
    "no dimensions": (_one([], 4), "no known kind"),
    "an empty dimension": (_one([0, 3], 0), "no known kind"),
    "64 dimensions": (_one([1] * 64, 4), "has 64 dimensions; the limit is 8"),
    "1,000 dimensions": (_one([1] * 1000, 4), "has 1000 dimensions; the limit is 8"),
    "terabytes": (_one([1 << 40], 4), "not a whole safetensors file"),
    "a negative dimension": (_one([-1], 4), "not a whole safetensors file"),
    "text for a dimension": (safetensors({"a": {"shape": "12"}}), "not a whole safetensors file"),
    "a deep header": (safetensors(b"[" * 3_000_000), "not a whole safetensors file"),
    "a header of 9 MB": (safetensors(b" " * (9 << 20)), "its header claims 9437184 bytes"),
    "21,000 weights": (
        safetensors(
            {f"w{n}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for n in range(21_000)}
        ),
        "21000 weights; the limit is 20000",
    ),
}
"""Content, and with what it is refused."""
