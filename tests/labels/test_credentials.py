"""Content credentials: signed offline, trusted by whoever has the authority, broken by a change."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from test_aigc import KEY, METADATA, tone

from voicepipe.audio.encode import encode_wav
from voicepipe.audio.encodings import encode, make_encoding, read_encoded_metadata
from voicepipe.audio.riff import find_chunks
from voicepipe.audio.wav import decode_clip
from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.labels.credentials import MIME_TYPES, is_tampered, read_credentials, sign
from voicepipe.labels.keygen import KeyFiles, make_test_keys
from voicepipe.labels.plan import Signer

VARIABLE = "TRIAL_SIGNING_KEY"


@pytest.fixture(scope="module", name="keys")
def _keys(tmp_path_factory: pytest.TempPathFactory) -> KeyFiles:
    return make_test_keys(tmp_path_factory.mktemp("outside") / "keys", "Harbor Studio")


@pytest.fixture(name="signer")
def _signer(keys: KeyFiles, monkeypatch: pytest.MonkeyPatch) -> Signer:
    monkeypatch.setenv(VARIABLE, str(keys.key))
    return Signer(certificates=keys.certificate.read_text("utf-8"), key_variable=VARIABLE)


@pytest.fixture(scope="module", name="wav")
def _wav() -> bytes:
    return encode_wav(tone(), bit_depth=24, metadata=METADATA, dither_seed=1)


@pytest.mark.parametrize("suffix", MIME_TYPES)
def test_a_signed_file_says_whose_it_is_and_what(
    keys: KeyFiles, signer: Signer, wav: bytes, suffix: str
) -> None:
    content = encode(wav, make_encoding(suffix[1:]), key=KEY)
    signed = sign(content, suffix, METADATA, signer, is_marked=True)
    found = read_credentials(signed, suffix, anchors=keys.anchor.read_text("utf-8"))
    assert found is not None
    assert (found.is_valid, found.is_trusted, found.faults) == (True, True, ())
    assert found.signer == "Harbor Studio"
    assert found.clip["line"] == "hall_0010"
    assert found.clip["consent"] == "ann-1"
    assert decode_clip(signed, "signed")[0].n_samples == decode_clip(content, "clip")[0].n_samples
    stranger = read_credentials(signed, suffix)
    assert stranger is not None
    assert (stranger.is_valid, stranger.is_trusted) == (True, False)


def test_one_changed_sample_breaks_it(signer: Signer, wav: bytes) -> None:
    signed = bytearray(sign(wav, ".wav", METADATA, signer, is_marked=False))
    (data,) = [place for place in find_chunks(bytes(signed)) if place.id == b"data"]
    signed[data.start + data.size // 2] ^= 1
    found = read_credentials(bytes(signed), ".wav")
    assert found is not None
    assert not found.is_valid
    assert is_tampered(found)


def test_what_the_file_says_of_itself_stays(signer: Signer, wav: bytes) -> None:
    signed = sign(wav, ".wav", METADATA, signer, is_marked=False)
    assert read_encoded_metadata(signed) == METADATA


def test_a_recording_is_captured_and_a_take_is_trained(signer: Signer, wav: bytes) -> None:
    spoken = sign(wav, ".wav", METADATA, signer, is_marked=False)
    person = replace(METADATA, source="recorded", engine="")
    recorded = sign(wav, ".wav", person, signer, is_marked=False)
    assert b"trainedAlgorithmicMedia" in spoken
    assert b"digitalCapture" in recorded
    assert b"trainedAlgorithmicMedia" not in recorded


def test_a_program_signs_in_place_of_a_key(
    keys: KeyFiles, signer: Signer, wav: bytes, tmp_path: Path
) -> None:
    program = tmp_path / "signing.py"
    program.write_text(
        "import sys\n"
        "from cryptography.hazmat.primitives.asymmetric.ec import ECDSA\n"
        "from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature\n"
        "from cryptography.hazmat.primitives.hashes import SHA256\n"
        "from cryptography.hazmat.primitives.serialization import load_pem_private_key\n"
        f"key = load_pem_private_key(open({str(keys.key)!r}, 'rb').read(), None)\n"
        "r, s = decode_dss_signature(key.sign(sys.stdin.buffer.read(), ECDSA(SHA256())))\n"
        "sys.stdout.buffer.write(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))\n",
        "utf-8",
    )
    elsewhere = replace(signer, key_variable="", command=(sys.executable, str(program)))
    found = read_credentials(sign(wav, ".wav", METADATA, elsewhere, is_marked=False), ".wav")
    assert found is not None
    assert found.is_valid


def _no_key(monkeypatch: pytest.MonkeyPatch, signer: Signer) -> Signer:
    monkeypatch.delenv(VARIABLE)
    return signer


def _no_such_file(monkeypatch: pytest.MonkeyPatch, signer: Signer) -> Signer:
    monkeypatch.setenv(VARIABLE, "/nowhere/signer.key")
    return signer


def _failing(_: pytest.MonkeyPatch, signer: Signer) -> Signer:
    return replace(signer, command=(sys.executable, "-c", "raise SystemExit(3)"))


def _saying_little(_: pytest.MonkeyPatch, signer: Signer) -> Signer:
    return replace(signer, command=(sys.executable, "-c", "print('yes')"))


def _another_certificate(_: pytest.MonkeyPatch, signer: Signer) -> Signer:
    return replace(signer, certificates="no certificate at all")


@pytest.mark.parametrize(
    "broken", [_no_key, _no_such_file, _failing, _saying_little, _another_certificate]
)
def test_what_cannot_be_signed_is_not_claimed(
    broken: Callable[[pytest.MonkeyPatch, Signer], Signer],
    signer: Signer,
    wav: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(EnvironmentFault) as caught:
        sign(wav, ".wav", METADATA, broken(monkeypatch, signer), is_marked=False)
    assert caught.value.remedy
    assert "PRIVATE" not in caught.value.message


def test_an_ordinary_file_has_none_and_damaged_ones_are_invalid(signer: Signer, wav: bytes) -> None:
    assert read_credentials(wav, ".wav") is None
    assert read_credentials(wav, ".ogg") is None
    signed = sign(wav, ".wav", METADATA, signer, is_marked=False)
    at = signed.rindex(b"C2PA")
    found = read_credentials(signed[: at + 400] + bytes(len(signed) - at - 400), ".wav")
    assert found is None or not found.is_valid


def test_keys_are_private_and_never_overwritten(keys: KeyFiles) -> None:
    assert stat.S_IMODE(keys.key.stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="already"):
        make_test_keys(keys.key.parent, "Somebody else")
