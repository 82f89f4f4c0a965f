from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
import soundfile
from facts_of_clips import FACTS
from hypothesis import given, settings
from hypothesis import strategies as st
from tones import sine

from voicepipe.audio.encode import encode_wav
from voicepipe.audio.metadata import STATEMENTS, ClipMetadata, metadata_fingerprint
from voicepipe.audio.riff import Chunk, find_chunks, read_chunk, write_wave
from voicepipe.audio.tags import read_info, read_metadata

_CLIP = sine(hz=440, dbfs=-12, seconds=0.05)


def _wav(metadata: ClipMetadata | None = FACTS, bit_depth: int = 16) -> bytes:
    return encode_wav(_CLIP, bit_depth=bit_depth, metadata=metadata, dither_seed=0)


@pytest.mark.parametrize("bit_depth", [16, 24, 32])
def test_the_facts_come_back(bit_depth: int) -> None:
    assert read_metadata(_wav(bit_depth=bit_depth)) == FACTS


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(sorted(STATEMENTS)))
def test_any_text_comes_back_as_it_can_be_written(text: str, speaker: str, source: str) -> None:
    facts = replace(FACTS, text=text, speaker=speaker, source=source)
    assert read_metadata(_wav(facts)) == facts.writable()


def test_control_characters_become_spaces_and_length_is_bounded() -> None:
    facts = replace(FACTS, text="a\r\n\0b\x1b")
    assert facts.writable().text == "a b"
    assert len(replace(FACTS, text="é" * 90_000).writable().text) == 4_000


def test_info_names_the_line_and_says_what_it_is() -> None:
    info = read_info(_wav())
    assert info["INAM"] == "bridge_0010"
    assert info["ISBJ"] == FACTS.text
    assert info["ICMT"].startswith("Synthetic speech (AI-generated)")
    assert info["IGNR"] == "Synthetic speech"
    assert info["IKEY"] == "speaker=noah; source=synthetic; engine=gpt-sovits; consent=noah-2026"
    assert "ICRD" not in info


def test_a_recording_says_that_a_person_spoke() -> None:
    info = read_info(_wav(replace(FACTS, source="recorded", engine="", consent="")))
    assert info["IGNR"] == "Recorded speech"
    assert info["IKEY"] == "speaker=noah; source=recorded"


def test_bext_is_version_one_ascii_and_without_a_date() -> None:
    payload = read_chunk(_wav(), b"bext")
    assert payload is not None
    description = payload[:256].rstrip(b"\0").decode("ascii")
    assert description.startswith("bridge_0010 [zh] Synthetic speech (AI-generated)")
    assert payload[320:338] == b"0000-00-0000:00:00"
    assert payload[346:348] == b"\x01\x00"
    assert re.search(r"M=mono,T=voicepipe;synthetic ?\r\n$", payload[602:].decode("ascii"))
    assert len(payload) % 2 == 0  # Godot 3 passes over no padding


def test_chunks_stand_before_the_sound() -> None:
    order = [place.id for place in find_chunks(_wav(bit_depth=32))]
    assert order == [b"fmt ", b"fact", b"bext", b"LIST", b"iXML", b"data"]


def test_libsndfile_reads_the_names() -> None:
    with soundfile.SoundFile(io.BytesIO(_wav())) as sound:
        assert sound.title == "bridge_0010"
        assert sound.artist == "noah_v2"
        assert sound.comment == FACTS.statement


def test_a_file_without_tags_has_none() -> None:
    plain = _wav(None)
    assert read_metadata(plain) is None
    assert read_info(plain) == {}


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"<BWFXML",
        b"<BWFXML><NOTE>theirs</NOTE></BWFXML>",
        b"<BWFXML><VOICEPIPE><LINE>x</LINE></VOICEPIPE></BWFXML>",
        b'<!DOCTYPE b [<!ENTITY a "aaaa">]><BWFXML><VOICEPIPE>&a;</VOICEPIPE></BWFXML>',
        b'<?xml version="1.0" encoding="no-such"?><BWFXML/>',
        b"<BWFXML>\xff\xfe</BWFXML>",
        b" " * (1 << 20) + b"<BWFXML/>",
    ],
    ids=["empty", "cut", "foreign", "partial", "dtd", "encoding", "not utf-8", "huge"],
)
def test_damaged_or_foreign_xml_is_no_metadata(payload: bytes) -> None:
    assert read_metadata(write_wave([Chunk(id=b"iXML", payload=payload)])) is None


def test_a_source_of_another_kind_is_no_metadata() -> None:
    forged = read_chunk(_wav(), b"iXML")
    assert forged is not None
    forged = forged.replace(b"<SOURCE>synthetic", b"<SOURCE>something")
    assert read_metadata(write_wave([Chunk(id=b"iXML", payload=forged)])) is None


def test_a_cut_info_list_gives_what_is_whole() -> None:
    payload = b"INFOINAM\x04\0\0\0abc\0ICMT"
    assert read_info(write_wave([Chunk(id=b"LIST", payload=payload)])) == {"INAM": "abc"}


def test_an_unknown_source_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="no statement"):
        replace(FACTS, source="cloned")


def test_the_fingerprint_changes_with_any_fact() -> None:
    base = metadata_fingerprint(FACTS)
    for name in ("line", "text", "speaker", "voice", "language", "engine", "consent"):
        changed: ClipMetadata = replace(FACTS, **{name: "other"})
        assert metadata_fingerprint(changed) != base
    assert metadata_fingerprint(replace(FACTS, source="scratch")) != base
