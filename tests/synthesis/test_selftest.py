"""Recorded vectors are replayed, and what is not what was recorded is caught."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from golden_vectors import SUBSET, document, folder_of, is_large
from typer.testing import CliRunner

from cli.main import application
from voicepipe.errors import RenderError, UsageError
from voicepipe.formula_models.weights import formula_tensor
from voicepipe.model.acoustic.config import read_mel_decoder
from voicepipe.model.config import Family
from voicepipe.model.kernels.choice import describe_kernels
from voicepipe.model.spectral import linear_spectrogram, mel_spectrogram
from voicepipe.parity.networks import _LINEAR
from voicepipe.parity.replay import Measure, relative_error
from voicepipe.parity.selftest import Coverage, replay_vectors
from voicepipe.parity.subset import DOCUMENTS_NAME
from voicepipe.text.frontend import utterance
from voicepipe.text.symbols import symbol_table

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = (("en", "We are late."), ("zh", "我们迟到了。"))


def write_vectors(folder: Path) -> None:
    """Vectors that this very code made: they must all pass."""
    rng = np.random.Generator(np.random.PCG64(3))
    (folder / "spectrogram").mkdir(parents=True)
    waves = {
        name: torch.from_numpy(0.1 * rng.standard_normal((1, 16_000), dtype=np.float32))
        for name in ("wave_32k", "wave_24k", "wave_32k_b")
    }
    made = {
        "linear_spec": linear_spectrogram(waves["wave_32k"], _LINEAR)[:, :, ::4],
        "mel_v3": mel_spectrogram(waves["wave_24k"], read_mel_decoder(Family.V3).mel),
        "mel_v4": mel_spectrogram(waves["wave_32k_b"], read_mel_decoder(Family.V4).mel),
    }
    arrays: dict[str, Any] = {name: tensor.numpy() for name, tensor in (waves | made).items()}
    np.savez(folder / "spectrogram" / "io.npz", **arrays)
    rows = [
        {
            "lang": language,
            "version": "v2",
            "text": text,
            "ids": list(utterance(text, language, pads_short=False).phoneme_ids),
        }
        for language, text in TEXTS
    ]
    (folder / "text.json").write_text(json.dumps(rows), "utf-8")
    tables = {version: list(symbol_table(version).symbols) for version in ("v1", "v2")}
    (folder / "symbols.json").write_text(json.dumps(tables), "utf-8")
    (folder / "train_gpt").mkdir()
    (folder / "train_gpt" / "io.npz").write_bytes(b"")
    (folder / "synth.py").write_text("raise SystemExit('vectors are never run')\n", "utf-8")


def replayed(folder: Path) -> tuple[list[Measure], Coverage]:
    coverage = Coverage()
    return list(replay_vectors(folder, "cpu", coverage)), coverage


def test_everything_that_is_found_is_replayed(tmp_path: Path) -> None:
    write_vectors(tmp_path)
    measures, coverage = replayed(tmp_path)
    assert len(measures) == 7
    assert all(measure.is_passed for measure in measures)
    assert coverage.replayed == ["spectrogram", "symbols.json", "text.json"]
    assert coverage.not_covered == ["train_gpt"]


def _bend_sound(folder: Path) -> None:
    path = folder / "spectrogram" / "io.npz"
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    arrays["mel_v3"][0, 0, 0] += 0.01 * np.abs(arrays["mel_v3"]).max()
    np.savez(path, **arrays)


def _bend_text(folder: Path) -> None:
    rows = json.loads((folder / "text.json").read_text("utf-8"))
    rows[0]["ids"][0] += 1
    (folder / "text.json").write_text(json.dumps(rows), "utf-8")


@pytest.mark.parametrize(("bend", "what"), [(_bend_sound, "mel_v3"), (_bend_text, "ids en")])
def test_what_differs_is_caught(tmp_path: Path, bend: Callable[[Path], None], what: str) -> None:
    write_vectors(tmp_path)
    bend(tmp_path)
    measures, _ = replayed(tmp_path)
    assert [measure.what for measure in measures if not measure.is_passed] == [what]


def test_the_command_answers_with_its_exit_code(tmp_path: Path) -> None:
    write_vectors(tmp_path)
    command = ["models", "selftest", "--vectors", str(tmp_path)]
    done = CliRunner().invoke(application(), [*command, "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["passed"] is True
    assert document["not_covered"] == ["train_gpt"]
    assert document["kernels"] == dict(describe_kernels())
    table = CliRunner().invoke(application(), command)
    assert "7 of 7 comparisons pass on cpu" in table.stdout
    assert "attention: " in table.stdout
    _bend_text(tmp_path)
    missed = CliRunner().invoke(application(), command)
    assert isinstance(missed.exception, RenderError)
    assert missed.exception.exit_code == 3
    assert "MISSED" in missed.stdout


@pytest.mark.parametrize(
    ("name", "content"),
    [("text.json", "{"), ("symbols.json", "[1]"), ("spectrogram/io.npz", "not an archive")],
)
def test_damaged_vectors_are_named(tmp_path: Path, name: str, content: str) -> None:
    write_vectors(tmp_path)
    (tmp_path / name).write_text(content, "utf-8")
    with pytest.raises(UsageError, match="cannot be replayed"):
        replayed(tmp_path)


def test_a_folder_without_vectors_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to replay"):
        replayed(tmp_path)
    with pytest.raises(UsageError, match="not a folder"):
        replayed(tmp_path / "nowhere")


def test_errors_are_relative_and_never_hide_a_nan() -> None:
    expected = torch.tensor([1.0, -4.0])
    assert relative_error(torch.tensor([1.0, -3.0]), expected) == 0.25
    assert relative_error(torch.tensor([1.0]), expected) == float("inf")
    assert relative_error(torch.tensor([float("nan"), -4.0]), expected) == float("inf")


@pytest.mark.parity
def test_the_formula_is_the_recorded_one() -> None:
    with np.load(SUBSET / "formula.npz") as recorded:
        assert len(recorded.files) == 9
        for key in recorded.files:
            theirs = torch.from_numpy(recorded[key])
            kind = "torch.int64" if theirs.dtype is torch.int64 else "torch.float32"
            mine = formula_tensor(key, tuple(theirs.shape), kind, salt=2, eos_gain=8.0)
            assert torch.equal(mine, theirs)


@pytest.mark.parity
@pytest.mark.slow
def test_the_reference_s_own_vectors_pass(tmp_path: Path) -> None:
    # The largest ones have tests of their own in tests/model.
    whole = ("gpt_v2_eos", "v2", "speaker", "spectrogram") if is_large() else ()
    for name in (*whole, "train_gpt", "vocoder_v4"):
        recorded = folder_of(name, tmp_path)
        if recorded.parent != tmp_path:
            (tmp_path / name).symlink_to(recorded.resolve())
    (tmp_path / "symbols.json").write_text(json.dumps(document("symbols.json")), "utf-8")
    measures, coverage = replayed(tmp_path)
    assert [m for m in measures if not m.is_passed] == []
    assert len(coverage.replayed) == len(whole) + 3


def test_a_committed_part_is_replayed_with_thinned_outputs(tmp_path: Path) -> None:
    measures, coverage = replayed(part_of(tmp_path, "spectrogram"))
    assert [m.what for m in measures] == ["linear", "mel_v3", "mel_v4"]
    assert [m for m in measures if not m.is_passed] == []
    assert coverage.replayed == ["spectrogram"]
    archive = tmp_path / "spectrogram.npz"
    with np.load(archive) as arrays:
        bent: dict[str, Any] = dict(arrays)
    bent["mel_v3"] = bent["mel_v3"] + 0.01 * np.abs(bent["mel_v3"]).max()
    np.savez(archive, **bent)
    assert [m.what for m in replayed(tmp_path)[0] if not m.is_passed] == ["mel_v3"]


@pytest.mark.parametrize("document", ["{", "{}", ""])
def test_a_damaged_part_is_named(tmp_path: Path, document: str) -> None:
    part_of(tmp_path, "spectrogram")
    content = gzip.compress(document.encode()) if document else b"no archive"
    (tmp_path / DOCUMENTS_NAME).write_bytes(content)
    with pytest.raises(UsageError, match="not a part of recorded vectors"):
        replayed(tmp_path)


def part_of(folder: Path, name: str) -> Path:
    """The committed part, without its other folders and texts."""
    kept = json.loads(gzip.decompress((SUBSET / DOCUMENTS_NAME).read_bytes()))
    kept["documents"] = {f"{name}/note.json": {}}
    (folder / DOCUMENTS_NAME).write_bytes(gzip.compress(json.dumps(kept).encode()))
    (folder / f"{name}.npz").write_bytes((SUBSET / f"{name}.npz").read_bytes())
    return folder
