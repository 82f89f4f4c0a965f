"""A finished clip in the encoding a game wants: WAV, FLAC, Ogg Vorbis, Opus or MP3.

The same clip in the same encoding gives the same bytes each time, as long as libsndfile stays the
same. Nothing changes the level. What the WAV says of its making goes along as comments.

Where an encoding cannot hold the clip's sample rate (Opus knows 8, 12, 16, 24 and 48 kHz), the
clip is resampled to the next higher one that it can.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

import numpy as np
import soundfile

from voicepipe.audio.comments import comments_of, metadata_in, read_comments, write_comments
from voicepipe.audio.encode import encode_wav
from voicepipe.audio.id3 import id3_size, read_id3, write_id3
from voicepipe.audio.ogg import read_ogg_comments, write_ogg
from voicepipe.audio.resample import resample
from voicepipe.audio.riff import Chunk, is_wave, read_chunk, with_chunk
from voicepipe.audio.tags import read_metadata
from voicepipe.audio.wav import MAX_RATE, MIN_RATE, decode_clip
from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.hashing import seed_of_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.audio.clip import AudioClip
    from voicepipe.audio.metadata import ClipMetadata

ENCODING_REVISION: Final = 1
"""Raised whenever the same clip and settings would be encoded otherwise."""
AIGC: Final = b"AIGC"
"""Chunk of a WAV, and comment of the other forms, that says a machine made it (`labels.aigc`)."""
_FLAC_HEAD: Final = 4
_FLAC_COMMENTS, _FLAC_PADDING, _FLAC_LAST = 4, 1, 0x80
_OPUS_RATES: Final = (8_000, 12_000, 16_000, 24_000, 48_000)
_MP3_RATES: Final = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
_OPUS_LEAST, _OPUS_MOST = 6.0, 256.0
"""kbit/s of one channel, between which libsndfile divides the range of its setting."""
_WORST_LEVEL: Final = 0.999
"""libsndfile's compression level, of which MP3 does not take 1."""


class Form(Enum):
    """What kind of file."""

    WAV = "wav"
    FLAC = "flac"
    OGG = "ogg"
    OPUS = "opus"
    MP3 = "mp3"

    @property
    def suffix(self) -> str:
        """Of its files, and of its objects in the store."""
        return f".{self.value}"

    @property
    def is_lossy(self) -> bool:
        """Whether a quality can be chosen."""
        return self in _DEFAULT_QUALITY


SUFFIXES: Final = tuple(form.suffix for form in Form)
"""Of files that hold a clip in any form."""
_DEFAULT_QUALITY: Final = {Form.OGG: 5.0, Form.OPUS: 3.0, Form.MP3: 6.0}
_BIT_DEPTHS: Final = (16, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How a clip is written; made by `make_encoding`."""

    form: Form
    quality: float | None = None
    """0 to 10, 10 the best; None for WAV and FLAC, which lose nothing."""
    sample_rate: int | None = None
    """Hz; None: the clip's, where the form can hold it."""
    bit_depth: int | None = None
    """Of WAV and FLAC: 16 or 24; None: the clip's."""

    @property
    def name(self) -> str:
        """Everything about it that can change a file's bytes, as lower-case words and dashes."""
        parts = [self.form.value]
        if self.quality is not None:
            parts.append(f"q{round(self.quality * 10)}")
        parts += [str(number) for number in (self.sample_rate, self.bit_depth) if number]
        return "-".join([*parts, f"r{ENCODING_REVISION}"])


def make_encoding(
    form: str,
    *,
    quality: float | None = None,
    sample_rate: int | None = None,
    bit_depth: int | None = None,
) -> Encoding:
    """Describe an encoding, as a person names it.

    Args:
        form: `wav`, `flac`, `ogg`, `opus` or `mp3`.
        quality: 0 to 10 with one decimal; None: 5 for Ogg Vorbis, 3 for Opus (64 kbit/s), 6 for
            MP3 (LAME's V4).
        sample_rate: Hz; None: the clip's, or the next the form can hold.
        bit_depth: 16 or 24, for WAV and FLAC; None: the clip's.

    Raises:
        UsageError: There is no such encoding.
    """
    kinds = {kind.value: kind for kind in Form}
    if form not in kinds:
        raise UsageError(
            f'"{form[:40]}" is no encoding of sound', remedy=f"choose one of {', '.join(kinds)}"
        )
    kind = kinds[form]
    fault = _fault(kind, quality, sample_rate, bit_depth)
    if fault:
        raise UsageError(f"{form}: {fault[0]}", remedy=fault[1])
    if quality is None:
        quality = _DEFAULT_QUALITY.get(kind)
    return Encoding(
        form=kind,
        quality=None if quality is None else round(float(quality), 1),
        sample_rate=sample_rate,
        bit_depth=bit_depth,
    )


def _fault(
    form: Form, quality: float | None, sample_rate: int | None, bit_depth: int | None
) -> tuple[str, str] | None:
    """Say what is wrong with an encoding, and the remedy."""
    faults = (
        _quality_fault(form, quality),
        _depth_fault(form, bit_depth),
        _rate_fault(form, sample_rate),
    )
    return next((fault for fault in faults if fault), None)


def _quality_fault(form: Form, quality: float | None) -> tuple[str, str] | None:
    if quality is None:
        return None
    if not form.is_lossy:
        return f"quality {quality:g} is asked for, and nothing is lost", "leave the quality out"
    if not 0 <= quality <= 10:
        return f"quality {quality:g} is not between 0 and 10", "10 is the best"
    return None


def _depth_fault(form: Form, bit_depth: int | None) -> tuple[str, str] | None:
    if bit_depth is None:
        return None
    if form.is_lossy:
        return f"it has no bit depth, and {bit_depth} is asked for", "leave the bit depth out"
    if bit_depth not in _BIT_DEPTHS:
        return f"{bit_depth} bits cannot be written", "choose 16 or 24"
    return None


def _rate_fault(form: Form, sample_rate: int | None) -> tuple[str, str] | None:
    if sample_rate is None:
        return None
    rates = _rates(form)
    if rates and sample_rate not in rates:
        choices = ", ".join(map(str, rates))
        return f"{sample_rate} Hz cannot be written", f"choose one of {choices}"
    if not MIN_RATE <= sample_rate <= MAX_RATE:
        between = f"not between {MIN_RATE} and {MAX_RATE}"
        return f"{sample_rate} Hz is {between}", "48000 fits every engine"
    return None


def _rates(form: Form) -> tuple[int, ...]:
    return {Form.OPUS: _OPUS_RATES, Form.MP3: _MP3_RATES}.get(form, ())


def encode(content: bytes, encoding: Encoding, *, key: str, name: str = "the clip") -> bytes:
    """Write a finished clip in another encoding.

    Args:
        content: The clip's WAV, whole; its metadata goes along.
        encoding: How.
        key: The clip's key, 64 hex digits: gives an Ogg stream its serial number.
        name: What to call the clip in messages.

    Returns:
        The file. A WAV of the same rate and depth is the one that was given.

    Raises:
        AudioFileError: The content is no whole sound file.
        EnvironmentFault: libsndfile here cannot write this encoding.
    """
    clip, facts = decode_clip(content, name)
    metadata = read_metadata(content) if is_wave(content) else None
    declared = read_chunk(content, AIGC) if is_wave(content) else None
    rate = encoding.sample_rate or _next_rate(encoding.form, clip.sample_rate)
    depth = encoding.bit_depth or _depth(facts.encoding)
    if encoding.form is Form.WAV:
        if is_wave(content) and (rate, depth) == (clip.sample_rate, _depth(facts.encoding)):
            return content
        seed = seed_of_hash(key, bits=32)
        wav = encode_wav(resample(clip, rate), bit_depth=depth, metadata=metadata, dither_seed=seed)
        if declared is None:
            return wav
        return with_chunk(wav, Chunk(id=AIGC, payload=declared), after=b"fmt ")
    comments = comments_of(metadata) if metadata is not None else {}
    if declared is not None:
        comments[AIGC.decode()] = declared.decode("utf-8", "replace")
    sound = _encoded(resample(clip, rate), encoding, depth, name)
    return _labelled(sound, encoding.form, comments, key)


def read_encoded_metadata(content: bytes) -> ClipMetadata | None:
    """Read what a file of any of the encodings says of its making.

    Returns:
        None when it says nothing, or is none of ours.
    """
    try:
        if is_wave(content):
            return read_metadata(content)
        return metadata_in(_comments_in(content))
    except ValueError:  # of RIFF, Ogg and comment blocks
        return None


def read_declaration(content: bytes) -> str:
    """Read the `AIGC` field of a file of any of the encodings; empty when it has none."""
    try:
        if is_wave(content):
            return (read_chunk(content, AIGC) or b"").decode("utf-8", "replace")
        return _comments_in(content).get(AIGC.decode(), "")
    except ValueError:  # of RIFF, Ogg and comment blocks
        return ""


def _comments_in(content: bytes) -> Mapping[str, str]:
    if content.startswith(b"OggS"):
        return read_ogg_comments(content)
    flac = content[id3_size(content) :]  # signed FLAC files begin with an ID3 tag
    if flac.startswith(b"fLaC"):
        blocks = [block for kind, block in _flac_blocks(flac)[0] if kind == _FLAC_COMMENTS]
        return read_comments(blocks[0])[1] if blocks else {}
    return read_id3(content)


def _next_rate(form: Form, rate: int) -> int:
    rates = _rates(form)
    return rate if not rates else next((one for one in rates if one >= rate), rates[-1])


def _depth(subtype: str) -> int:
    return 16 if subtype in ("PCM_16", "PCM_S8", "PCM_U8") else 24


def _level(encoding: Encoding) -> float:
    """Give libsndfile's compression level, which runs from the best at 0 to the worst at 1."""
    quality = encoding.quality or 0.0
    if encoding.form is Form.OPUS:
        kbits = 16.0 * (quality + 1.0)
        return 1.0 - (kbits - _OPUS_LEAST) / (_OPUS_MOST - _OPUS_LEAST)
    return min(1.0 - quality / 10.0, _WORST_LEVEL)


def _encoded(clip: AudioClip, encoding: Encoding, depth: int, name: str) -> bytes:
    kinds = {
        Form.FLAC: ("FLAC", f"PCM_{depth}"),
        Form.OGG: ("OGG", "VORBIS"),
        Form.OPUS: ("OGG", "OPUS"),
        Form.MP3: ("MP3", "MPEG_LAYER_III"),
    }
    container, subtype = kinds[encoding.form]
    options: dict[str, float | str] = {}
    if encoding.form.is_lossy:
        options["compression_level"] = _level(encoding)
    if encoding.form is Form.MP3:
        options["bitrate_mode"] = "VARIABLE"
    stream = io.BytesIO()
    try:
        with soundfile.SoundFile(
            stream, "w", clip.sample_rate, 1, format=container, subtype=subtype, **options
        ) as file:
            file.write(np.ascontiguousarray(clip.samples, dtype=np.float32))
    except (soundfile.SoundFileError, RuntimeError, ValueError, TypeError) as error:
        reason = str(getattr(error, "error_string", error)).rstrip(".")
        raise EnvironmentFault(
            f"{name}: cannot be written as {encoding.form.value}: {reason}",
            remedy="install soundfile 0.13 or newer from a wheel, which brings libsndfile along",
        ) from error
    return stream.getvalue()


def _labelled(content: bytes, form: Form, comments: dict[str, str], key: str) -> bytes:
    if form in (Form.OGG, Form.OPUS):
        return write_ogg(content, serial=seed_of_hash(key, bits=32), comments=comments)
    if form is Form.FLAC:
        return _with_flac_comments(content, comments)
    return (write_id3(comments) if comments else b"") + content


def _flac_blocks(content: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Take a FLAC file apart into its metadata blocks and its sound (RFC 9639, section 8)."""
    blocks: list[tuple[int, bytes]] = []
    at, is_last = _FLAC_HEAD, False
    while not is_last:
        head = content[at : at + 4]
        size = int.from_bytes(head[1:], "big")
        if len(head) < 4 or at + 4 + size > len(content):
            raise ValueError("a FLAC file is cut short")
        blocks.append((head[0] & 0x7F, content[at + 4 : at + 4 + size]))
        is_last = bool(head[0] & _FLAC_LAST)
        at += 4 + size
    return blocks, content[at:]


def _with_flac_comments(content: bytes, comments: dict[str, str]) -> bytes:
    blocks, sound = _flac_blocks(content)
    vendors = [read_comments(block)[0] for kind, block in blocks if kind == _FLAC_COMMENTS]
    kept = [one for one in blocks if one[0] not in (_FLAC_COMMENTS, _FLAC_PADDING)]
    kept.append((_FLAC_COMMENTS, write_comments(vendors[0] if vendors else b"", comments)))
    written = b"".join(
        bytes([kind | (_FLAC_LAST if number == len(kept) else 0)])
        + len(block).to_bytes(3, "big")
        + block
        for number, (kind, block) in enumerate(kept, start=1)
    )
    return content[:_FLAC_HEAD] + written + sound
