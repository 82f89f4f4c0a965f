"""Labels from settings to shipped files, and finding ours again after others have handled them."""

from __future__ import annotations

import datetime
import json
import re
import shutil
import subprocess
import zipfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from outside_programs import require
from small_project import Bench, write_small_project

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.audio.encodings import encode, make_encoding
from voicepipe.audio.wav import decode_clip
from voicepipe.bank.encoded_clips import encoded_clip
from voicepipe.bank.manifest import ManifestEntry
from voicepipe.bank.take_store import TakeStore
from voicepipe.labels.detecting import read_labels
from voicepipe.labels.keygen import make_test_keys
from voicepipe.labels.plan import label_plan
from voicepipe.pipeline.exporting import ExportRequest, prepare_export, write_prepared
from voicepipe.pipeline.label_search import PublishedClips, SearchedFile, search_labels
from voicepipe.pipeline.revocation import revoke_voice
from voicepipe.settings_export import ExportSettings

KEY = "cd" * 32
LABELS = """\
labels:
  producer: Harbor Studio
  watermark: false
  credentials: {certificate: signer.pem, key: TRIAL_SIGNING_KEY}
"""


@pytest.fixture(scope="module", name="labelled")
def _labelled(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    root = tmp_path_factory.mktemp("labelled") / "project"
    write_small_project(root)
    keys = make_test_keys(root.parent / "keys", "Harbor Studio")
    (root / "signer.pem").write_bytes(keys.certificate.read_bytes())
    settings = root / "voicepipe.yaml"
    settings.write_text(settings.read_text("utf-8") + LABELS, "utf-8")
    bench = Bench(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRIAL_SIGNING_KEY", str(keys.key))
        assert bench.render().is_whole
    return bench


def _search(bench: Bench, *paths: Path, anchors: str = "") -> dict[str, SearchedFile]:
    clips = PublishedClips(bench.root / "out")
    return {one.name: one for one in search_labels(paths, clips, anchors=anchors, listens=False)}


def _version(bench: Bench) -> Path:
    return bench.root / "out/banks/small/v0001"


def test_every_published_file_is_labelled_and_ours(labelled: Bench) -> None:
    anchors = (labelled.root.parent / "keys/authority.pem").read_text("utf-8")
    found = _search(labelled, _version(labelled), anchors=anchors)
    assert len(found) == 6
    for one in found.values():
        assert one.labels is not None
        assert one.labels.declaration is not None
        assert one.labels.declaration["ContentProducer"] == "Harbor Studio"
        assert one.labels.credentials is not None
        assert one.labels.credentials.is_trusted
        assert one.how == "hash"


def test_a_second_render_signs_nothing_again(labelled: Bench) -> None:
    report = labelled.render()
    assert report.published is not None
    assert (report.rendered, report.post_processed) == (0, 0)
    assert report.published.path.name == "v0001"


def test_labels_are_part_of_a_clip_s_key_and_not_of_a_take_s(labelled: Bench) -> None:
    with_labels = labelled.plan()
    settings = labelled.root / "voicepipe.yaml"
    before = settings.read_text("utf-8")
    settings.write_text(before.replace(LABELS, ""), "utf-8")
    without = labelled.plan()
    settings.write_text(before, "utf-8")
    for key, one in with_labels.clip_requests.items():
        other = without.clip_requests[key]
        assert one.clip.take_key == other.clip.take_key
        assert one.clip.clip_key != other.clip.clip_key


def test_a_shipped_archive_is_searched_without_unpacking(labelled: Bench, tmp_path: Path) -> None:
    files = sorted(_version(labelled).rglob("*.wav"))
    shipped = tmp_path / "game.zip"
    with zipfile.ZipFile(shipped, "w") as archive:
        archive.write(files[0], "data/as_it_is.wav")
        content = encode(files[1].read_bytes(), make_encoding("ogg"), key=KEY)
        archive.writestr("data/encoded.ogg", content)
        archive.writestr("data/readme.txt", "nothing")
        archive.writestr("data/noise.wav", _noise())
        archive.writestr("../../evil.wav", _noise())
    found = _search(labelled, shipped)
    assert found["data/as_it_is.wav"].how == "hash"
    encoded = found["data/encoded.ogg"]
    assert encoded.how == "metadata"
    assert encoded.ours is not None
    assert encoded.ours.entry.file == files[1].relative_to(_version(labelled)).as_posix()
    assert found["data/noise.wav"].ours is None
    assert "data/readme.txt" not in found
    assert [path.name for path in tmp_path.iterdir()] == ["game.zip"]


def _noise() -> bytes:
    samples = 0.1 * np.random.default_rng(1).standard_normal(16_000)
    return encode_wav(
        AudioClip(samples=samples.astype(np.float32), sample_rate=16_000), bit_depth=16
    )


@pytest.mark.parametrize(
    ("form", "rate", "is_signed"),
    [("flac", None, True), ("mp3", None, True), ("wav", 24_000, True), ("ogg", None, False)],
)
def test_exported_encodings_are_labelled_and_signed_once(
    labelled: Bench, monkeypatch: pytest.MonkeyPatch, form: str, rate: int | None, is_signed: bool
) -> None:
    plan = label_plan(labelled.root, "small", labelled.project().settings.labels)
    assert plan is not None
    entry = next(iter(labelled.entries().values()))
    assert isinstance(entry, ManifestEntry)
    monkeypatch.setenv("TRIAL_SIGNING_KEY", str(labelled.root.parent / "keys/signer.key"))
    takes = TakeStore(labelled.root / "out")
    encoding = make_encoding(form, sample_rate=rate)
    first = encoded_clip(takes, entry, encoding, signer=plan.signer)
    again = encoded_clip(takes, entry, encoding, signer=plan.signer)
    assert (first.is_new, again.is_new) == (True, False)
    assert first.object_id == again.object_id
    labels = read_labels(takes.objects.read(first.object_id, first.suffix), f"a.{form}")
    assert labels.declaration is not None
    assert (labels.credentials is not None) is is_signed
    assert labels.credentials is None or labels.credentials.is_valid
    assert not labels.is_tampered


@pytest.mark.parametrize("form", ["wav", "flac", "ogg", "opus", "mp3"])
def test_every_form_carries_what_it_can_hold_and_others_read_it(
    labelled: Bench, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    plan = label_plan(labelled.root, "small", labelled.project().settings.labels)
    assert plan is not None
    monkeypatch.setenv("TRIAL_SIGNING_KEY", str(labelled.root.parent / "keys/signer.key"))
    anchors = (labelled.root.parent / "keys/authority.pem").read_text("utf-8")
    takes = TakeStore(labelled.root / "out")
    entries = [one for one in labelled.entries().values() if isinstance(one, ManifestEntry)]
    assert len(entries) == 6
    files = [
        encoded_clip(takes, entry, make_encoding(form), signer=plan.signer).path
        for entry in entries
    ]
    for entry, path in zip(entries, files, strict=True):
        content = path.read_bytes()
        labels = read_labels(content, f"a.{form}", anchors=anchors, listens=False)
        said = labels.metadata
        assert said is not None
        assert (said.line, said.language, said.text) == (entry.line, entry.language, entry.text)
        assert (said.voice, said.consent) == (entry.voice, entry.consent)
        assert labels.declaration is not None
        assert labels.declaration["ProduceID"] == f"small/{entry.language}/{entry.line}"
        if form in ("ogg", "opus"):
            assert labels.credentials is None, "they hold none yet"
            continue
        assert labels.credentials is not None
        assert labels.credentials.is_trusted
        flipped = bytearray(content)
        flipped[-40] ^= 1
        if form == "wav":
            flipped = bytearray(content)
            flipped[content.index(b"data") + 8 + 200] ^= 1
        other = read_labels(bytes(flipped), f"a.{form}", anchors=anchors, listens=False)
        assert other.is_tampered
        assert other.credentials is not None
        assert not other.credentials.is_valid
    require("exiftool")
    done = subprocess.run(
        ["exiftool", "-a", "-u", files[-1]], capture_output=True, check=True, text=True
    )
    assert entries[-1].line in done.stdout
    assert "No person spoke these words" in done.stdout
    assert re.search("AIGC", done.stdout, re.IGNORECASE)


def test_a_revocation_lists_exported_files(labelled: Bench, tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(labelled.root, root)
    settings = root / "voicepipe.yaml"
    unsigned = settings.read_text("utf-8").replace(LABELS, "")
    settings.write_text(f"{unsigned}export: [{{target: generic}}]\n", "utf-8")
    bench = Bench(root)
    request = ExportRequest(target=ExportSettings(target="generic"))
    write_prepared(prepare_export(root, request))
    done = revoke_voice(root, bench.project().settings, "ann", date=datetime.date(2026, 3, 1))
    assert {file.line for file in done.copies.files} == {"hall_0010", "hall_0030"}
    assert len(done.copies.files) == 4
    listed = json.loads(done.lists[1].read_text("utf-8"))
    assert {row["sha256"] for row in listed["exported"]} == {
        file.sha256 for file in done.copies.files
    }
    assert "export generic" in done.lists[0].read_text("utf-8")


def test_a_changed_file_is_named(labelled: Bench, tmp_path: Path) -> None:
    source = next(_version(labelled).rglob("*.wav"))
    content = bytearray(source.read_bytes())
    content[content.index(b"data") + 400] ^= 1
    (tmp_path / "changed.wav").write_bytes(content)
    (one,) = _search(labelled, tmp_path).values()
    assert one.labels is not None
    assert one.labels.is_tampered
    assert one.how == "metadata", "it still says whose it is"


def test_files_that_are_no_sound_are_named(labelled: Bench, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"RIFF not a sound")
    (tmp_path / "empty.ogg").write_bytes(b"")
    found = _search(labelled, tmp_path)
    assert all(one.fault for one in found.values())


def test_a_clip_without_any_label_is_known_by_its_sound() -> None:
    from voicepipe.labels.likeness import SAME, likeness, sound_print

    voices = Path(__file__).parents[2] / "voices"
    clips = [decode_clip(path.read_bytes(), path.name)[0] for path in sorted(voices.rglob("*.ogg"))]
    prints = [sound_print(clip) for clip in clips]
    for number, clip in enumerate(clips[:4]):
        quiet = AudioClip(
            samples=np.ascontiguousarray(clip.samples[300:] * np.float32(0.25)),
            sample_rate=clip.sample_rate,
        )
        wav = encode_wav(quiet, bit_depth=16)
        again = sound_print(decode_clip(encode(wav, make_encoding("mp3"), key=KEY), "mp3")[0])
        scores = [likeness(again, one) for one in prints]
        assert scores[number] > SAME
        assert max(score for n, score in enumerate(scores) if n != number) < SAME


def test_a_manifest_says_which_mark_was_read(labelled: Bench) -> None:
    entries = labelled.entries().values()
    assert {asdict(entry)["watermark"] for entry in entries} == {""}  # type: ignore[call-overload]
