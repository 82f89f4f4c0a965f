"""Networks that judge clips without torch, against the same networks in torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from distillmos import ConvTransformerSQAModel
from torch import nn
from torch.nn import functional

from voicepipe.installation import package_folder
from voicepipe.model.checkpoints.pinned_arrays import load_arrays_under
from voicepipe.model.encoders import opinion_score, timbre
from voicepipe.model.encoders.opinion_score import OpinionScore
from voicepipe.model.encoders.timbre import TimbreEncoder
from voicepipe.model.spectral import complex_spectrogram, mel_filters
from voicepipe.model.spectral_config import SpectrogramConfig

ROOT = Path(__file__).parents[2]
OPINIONS = Path("weights", "distill_mos_v7.pt")


def _weights(package: str, file: Path | str) -> Path:
    folder = package_folder(package)
    assert folder is not None
    return folder / file


def _speech(seconds: float) -> np.ndarray:
    """Syllables of buzzing and hissing, with pauses."""
    rng = np.random.default_rng(5)
    time = np.arange(round(seconds * 16_000)) / 16_000
    buzz = np.sin(2 * np.pi * 140 * time + np.sin(9 * time)) + 0.3 * np.sin(2 * np.pi * 910 * time)
    loud = np.clip(np.sin(2 * np.pi * 3.1 * time), 0, 1)
    found = 0.2 * loud * buzz + 0.01 * rng.standard_normal(len(time)) * (np.sin(5 * time) > 0)
    return found.astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.5, 3.01, 7.6, 10.3])
def test_an_opinion_is_that_of_the_package(seconds: float) -> None:
    path = _weights("distillmos", OPINIONS)
    arrays = load_arrays_under(path, "model", sha256=opinion_score.WEIGHTS_SHA256)
    theirs = ConvTransformerSQAModel(load_weights=False).eval()
    states = {name: torch.from_numpy(array) for name, array in arrays.items()}
    missing = theirs.load_state_dict(states, strict=False)
    assert not missing.unexpected_keys
    assert all(key.endswith("num_batches_tracked") for key in missing.missing_keys)
    samples = _speech(seconds)
    with torch.inference_mode():
        expected = float(theirs(torch.from_numpy(samples)[None])[0])
    assert OpinionScore.load(path).score(samples) == pytest.approx(expected, abs=5e-4)


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.7, 4.4])
def test_a_timbre_is_that_of_an_lstm(seconds: float) -> None:
    path = _weights("resemblyzer", "pretrained.pt")
    arrays = load_arrays_under(path, "model_state", sha256=timbre.WEIGHTS_SHA256)
    network = nn.ModuleDict({"lstm": nn.LSTM(40, 256, 3, batch_first=True)})
    network["linear"] = nn.Linear(256, 256)
    kept = {k: torch.from_numpy(v) for k, v in arrays.items() if not k.startswith("similarity")}
    network.load_state_dict(kept)
    samples = torch.from_numpy(_speech(seconds))
    speech = samples * (10 ** (-30 / 20) / samples.square().mean().sqrt())
    speech = speech.repeat(max(1, -(-25_600 // len(speech)))).clamp(-1, 1)
    sizes = SpectrogramConfig(sample_rate=16_000, n_fft=400, hop_length=160, win_length=400)
    power = complex_spectrogram(speech[None], sizes).abs().square()[0]
    mels = (mel_filters(16_000, 400, 40, 0.0, None) @ power).t()
    windows = mels.unfold(0, 160, 80).transpose(1, 2)
    with torch.inference_mode():
        _, (hidden, _) = network["lstm"](windows)
        places = functional.normalize(torch.relu(network["linear"](hidden[-1])), dim=1)
        expected = functional.normalize(places.mean(0), dim=0)
    found = TimbreEncoder.load(path).place(samples.numpy())
    np.testing.assert_allclose(found, expected.numpy(), atol=2e-6)


def test_who_judges_loads_no_torch() -> None:
    code = (
        "import sys\n"
        "from voicepipe.qc.registry import ANALYSER_PATHS, analysers_named\n"
        "assert len(analysers_named(ANALYSER_PATHS)) == 4\n"
        "import ctranslate2, faster_whisper.feature_extractor\n"
        "print(sorted({'torch', 'torchaudio', 'pandas'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
