from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
from bank_builders import digest, entry, manifest_of

from voicepipe.bank import manifest_io, manifest_stream
from voicepipe.bank.manifest_io import (
    _content_hash_of,
    content_hash,
    entries_fault,
    load_manifest,
    manifest_csv,
    manifest_json,
    parse_manifest,
    text_of_csv,
)
from voicepipe.bank.manifest_schema import manifest_schema, manifest_schema_json
from voicepipe.errors import CorruptObject, EnvironmentFault
from voicepipe.hashing import sha256_of_bytes

ROOT = Path(__file__).parents[2]
MANIFEST = manifest_of(
    [
        entry("a", text='Say "no"\n…\u2028[sigh]', variant={"player": "ada"}),
        entry("b", position=1, loudness_lufs=None, tags=(), before=("a",)),
    ],
    failed=({"line": "c", "language": "en", "reason": "no end", "script": "s.yaml:1:1"},),
)


def test_a_manifest_is_read_back_as_it_was_written() -> None:
    content = manifest_json(MANIFEST)
    assert parse_manifest(content, "m") == MANIFEST
    assert content.endswith(b"}\n")
    assert manifest_json(parse_manifest(content, "m")) == content


def test_an_empty_bank_is_a_manifest_too() -> None:
    empty = manifest_of([])
    assert parse_manifest(manifest_json(empty), "m") == empty


def test_one_entry_stands_on_one_line_with_sorted_keys() -> None:
    lines = manifest_json(MANIFEST).decode().split("\n")
    rows = [orjson.loads(line.rstrip(",")) for line in lines if line.startswith('{"after"')]
    assert [row["line"] for row in rows] == ["a", "b"]
    assert all(list(row) == sorted(row) for row in rows)


def test_a_reformatted_manifest_is_the_same_manifest() -> None:
    facts = orjson.loads(manifest_json(MANIFEST))
    assert parse_manifest(orjson.dumps(facts, option=orjson.OPT_INDENT_2), "m") == MANIFEST


def test_the_content_hash_ignores_everything_but_the_entries() -> None:
    other = replace(MANIFEST, version="v0009", created="2031-01-01T00:00:00Z", failed=())
    assert content_hash(other.entries) == MANIFEST.content_sha256
    assert content_hash(MANIFEST.entries[:1]) != MANIFEST.content_sha256


def changed(**changes: Any) -> bytes:
    return orjson.dumps({**orjson.loads(manifest_json(MANIFEST)), **changes})


def changed_entry(**changes: Any) -> bytes:
    facts = orjson.loads(manifest_json(MANIFEST))
    facts["entries"][1].update(changes)
    return orjson.dumps(facts)


DEEP = b'{"entries": ' + b"[" * 5000 + b"]" * 5000 + b"}"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "line 1"),
        (b"[]", "the manifest is not a JSON object"),
        (b"\xff", "line 1"),
        (DEEP, "line 1"),
        (changed(schema=0), 'has no "schema" number from 1'),
        (changed(schema=None), 'has no "schema" number'),
        (changed(bank="../x"), "is not a name"),
        (changed(bank="con"), "is not a name"),
        (changed(version="latest"), "not like v0001"),
        (changed(sample_rate="48000"), 'sample_rate: Expected `int`, got `str` (it is "48000")'),
        (changed(sample_rate=True), "sample_rate: Expected `int`, got `bool` (it is true)"),
        (changed(languages=["en", 3]), "languages[1]: Expected `str`, got `int` (it is 3)"),
        (changed(entries={}), "entries: Expected `array`, got `object`"),
        (changed(failed=None), "failed: Expected `array`, got `null`"),
        (changed(failed=[{"line": "x"}]), "failed[0] does not hold"),
        (
            changed(failed=[{"line": 1, "language": "en", "reason": "", "script": ""}]),
            "failed[0]",
        ),
        (changed(created=5), "created: Expected `str`, got `int` (it is 5)"),
        (changed(entries=[3]), "entries[0]: Expected `object`, got `int` (it is 3)"),
        (changed_entry(seed="7"), 'entries[1].seed: Expected `int`, got `str` (it is "7")'),
        (changed_entry(pinned=0), "entries[1].pinned: Expected `bool`, got `int`"),
        (changed_entry(text=None), "entries[1].text: Expected `str`, got `null`"),
        (changed_entry(models={"a": 1}), "entries[1].models[...]: Expected `str`, got `int`"),
        (changed_entry(models=[]), "entries[1].models: Expected `object`, got `array`"),
        (changed_entry(before=[["a"]]), "entries[1].before[0]: Expected `str`, got `array`"),
        (changed_entry(peak_dbtp=None), "entries[1].peak_dbtp: Expected `float`, got `null`"),
        (changed_entry(sha256="ABC"), "entries[1].sha256"),
        (changed_entry(sha256=f"{digest('a')}\n{digest('b')}"), "entries[1].sha256"),
        (changed_entry(take_key=""), "entries[1].take_key"),
        (changed_entry(file="../../x.wav"), "lawful on every system"),
        (changed_entry(file="en/bridge/a.wav\nen/bridge/b.wav"), "lawful on every system"),
        (changed_entry(file="en/bridge/aux.wav"), "lawful on every system"),
        (changed_entry(file="en/bridge./a.wav"), "lawful on every system"),
        (changed_entry(file=entry("a").file.upper().replace("WAV", "wav")), "same file"),
        (changed_entry(line="a"), "same line and language"),
        (changed_entry(line=""), "is not a line id"),
        (changed_entry(source="robot"), "is not one of"),
        (changed_entry(duration_s=0), "entries[1].duration_s: Expected `float` > 0.0 (it is 0)"),
        (changed_entry(duration_s=-1e308), "entries[1].duration_s: Expected `float` > 0.0"),
        (changed_entry(peak_dbtp=1e300), "entries[1].peak_dbtp: Expected `float` <= 1000.0"),
        (changed_entry(take=0), "entries[1].take: Expected `int` >= 1 (it is 0)"),
        (changed_entry(seed=2**63), "entries[1].seed: Expected `int`"),
        (changed_entry(sample_rate=0), "entries[1].sample_rate: Expected `int` >= 1"),
        (changed_entry(size_bytes=-1), "entries[1].size_bytes: Expected `int` >= 0 (it is -1)"),
        (changed_entry(text="other words"), "content_sha256"),
        (changed(content_sha256=digest("x")), "content_sha256"),
    ],
)
def test_a_hostile_manifest_is_refused_with_the_place(content: bytes, fault: str) -> None:
    with pytest.raises(CorruptObject) as caught:
        parse_manifest(content, "the/manifest.json")
    assert "the/manifest.json" in caught.value.message
    assert fault in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize("half", [b"\\ud800", b"\\uDFFF", b"\\ud83dx"])
def test_half_a_character_is_refused(half: bytes) -> None:
    known = manifest_of([entry("a", text="HALF")])
    content = manifest_json(known).replace(b"HALF", half)
    begin, end = content.index(b"[\n") + 2, content.index(b"\n],\n")
    found = sha256_of_bytes(content[begin:end]).encode()
    with pytest.raises(CorruptObject):
        parse_manifest(content.replace(known.content_sha256.encode(), found), "m")


def test_what_is_no_text_is_refused_even_where_nobody_looks_at_it() -> None:
    content = manifest_json(MANIFEST).replace(b'{\n"bank"', b'{\n"added": "\xed\xa0\x80",\n"bank"')
    with pytest.raises(CorruptObject):
        parse_manifest(content, "m")


def test_a_missing_field_is_named() -> None:
    facts = orjson.loads(manifest_json(MANIFEST))
    del facts["entries"][1]["voice"]
    with pytest.raises(CorruptObject, match=r"entries\[1\]: Object missing required field `voice`"):
        parse_manifest(orjson.dumps(facts), "m")


def test_the_content_hash_is_that_of_one_stretch_of_the_file() -> None:
    content = manifest_json(MANIFEST)
    begin = content.index(b'"entries": [\n') + len(b'"entries": [\n')
    end = content.index(b"\n],", begin)
    assert sha256_of_bytes(content[begin:end]) == MANIFEST.content_sha256
    assert _content_hash_of(content, "m") == MANIFEST.content_sha256


def test_an_entries_stretch_hidden_in_a_text_does_not_fool_the_hash() -> None:
    # A forged stretch in front of the real entries, with the forged hash in the head.
    forged = manifest_of([entry("z")])
    facts = orjson.loads(manifest_json(MANIFEST))
    facts["content_sha256"] = forged.content_sha256
    facts["created"] = manifest_json(forged).decode()
    with pytest.raises(CorruptObject, match="content_sha256"):
        parse_manifest(orjson.dumps(facts), "m")


LARGE = manifest_of(
    [
        entry(f"line_{n:04d}", position=n, text="word " * 90, note="low", models={"a.pt": "0" * 64})
        for n in range(3000)
    ]
)


def test_a_large_manifest_is_read_in_stretches_and_holds_what_is_alike_once(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(manifest_json(LARGE))
    assert path.stat().st_size > 2 * manifest_stream._STRETCH
    read = load_manifest(path)
    assert read == LARGE
    for name in ("note", "voice", "language", "models", "tags"):
        assert len({id(getattr(one, name)) for one in read.entries}) == 1, name
    assert all(one.base_line is one.line for one in read.entries)


@pytest.mark.parametrize("stretch", [1, 2, 7, 600, 5000])
def test_where_a_stretch_ends_makes_no_difference(
    stretch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifest_stream, "_STRETCH", stretch)
    content = manifest_json(MANIFEST)
    found = manifest_stream.streamed_manifest(io.BytesIO(content), limit=len(content), unused={})
    assert found == (MANIFEST, MANIFEST.content_sha256)


def test_fields_that_nobody_asks_for_are_not_held(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(manifest_json(MANIFEST))
    nothing: dict[str, str] = {}
    read = load_manifest(path, {"inputs": nothing, "before": ()})
    assert all(one.inputs is nothing and one.before == () for one in read.entries)
    assert [one.text for one in read.entries] == [one.text for one in MANIFEST.entries]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"entries": [\n', b'"entries": [\n\n'),
        (b'"schema"', b'"entries": [],\n"schema"'),
        (b',\n{"after"', b'\n,\n{"after"'),
        (b"\n],\n", b",\n],\n"),
        (b"\n],\n", b"\n], \n"),
        (b"en", b"\\u0065n"),
    ],
)
def test_what_is_written_otherwise_means_the_same_as_to_a_reader_of_the_whole(
    old: bytes, new: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = manifest_json(MANIFEST)
    assert old in content

    def outcome() -> object:
        try:
            return parse_manifest(content.replace(old, new, 1), "m")
        except CorruptObject as error:
            return error.message

    in_stretches = outcome()
    monkeypatch.setattr(manifest_io, "streamed_manifest", lambda *_, **__: None)
    assert outcome() == in_stretches


def test_a_manifest_that_is_not_there_is_explained(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match=r"manifest\.json"):
        load_manifest(tmp_path / "manifest.json")


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_numbers_that_json_cannot_hold_are_found_before_publishing(value: float) -> None:
    assert "entries[0].peak_dbtp" in entries_fault([entry("a", peak_dbtp=value)])
    assert "entries[0].loudness_lufs" in entries_fault([entry("a", loudness_lufs=value)])
    assert entries_fault([entry("a", loudness_lufs=None)]) == ""


def test_the_table_has_a_row_an_entry_and_a_column_a_field() -> None:
    head, first, *_ = manifest_csv(MANIFEST).splitlines()
    assert head.startswith("line,base_line,language,speaker")
    assert first.startswith("a,a,en,noah")


def test_the_published_schema_is_the_one_the_records_make() -> None:
    path = ROOT / "docs/schemas/manifest.json"
    assert path.read_bytes() == manifest_schema_json(), (
        "run: python -m voicepipe.bank.manifest_schema > docs/schemas/manifest.json"
    )


def test_a_manifest_fits_its_schema_and_a_wrong_one_does_not() -> None:
    schema = manifest_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert not list(validator.iter_errors(orjson.loads(manifest_json(MANIFEST))))
    for content in (changed_entry(seed="7"), changed_entry(sha256="x"), changed_entry(take=0)):
        assert list(validator.iter_errors(orjson.loads(content)))
    assert not list(validator.iter_errors(orjson.loads(changed(added_later=1))))
    assert schema["properties"]["entries"]["items"]["properties"]["sha256"]["description"]


def test_the_table_is_what_the_standard_writer_would_write() -> None:
    rows = list(csv.reader(io.StringIO(manifest_csv(MANIFEST), newline="")))
    again = io.StringIO()
    csv.writer(again, lineterminator="\n").writerows(rows)
    assert again.getvalue() == manifest_csv(MANIFEST)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+49", "-5", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''=1", "'quoted'", "a\rb", ""],
)
def test_no_text_in_the_table_is_a_formula_and_every_text_can_be_had_back(text: str) -> None:
    manifest = manifest_of([entry("a", text=text, speaker=text, peak_dbtp=-1.5)])
    (row,) = csv.DictReader(io.StringIO(manifest_csv(manifest), newline=""))
    for name in ("text", "speaker"):
        assert row[name][:1] not in ("=", "+", "-", "@", "\t", "\r")
        assert text_of_csv(row[name]) == text
    assert row["peak_dbtp"] == "-1.5", "a number is no text"
    assert orjson.loads(row["tags"]) == ["storm"]
    assert orjson.loads(manifest_json(manifest))["entries"][0]["text"] == text
