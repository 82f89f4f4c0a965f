"""The content encoder: our HuBERT, our reader, no network and no surprises."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from loaded_modules import loaded_by
from safetensors.torch import load_file, save_file

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.weights import shapes_only
from voicepipe.model.encoders.content import FRAME_SAMPLES, SAMPLE_RATE, ContentEncoder
from voicepipe.model.encoders.hubert import HubertNetwork, HubertSizes

if TYPE_CHECKING:
    from pathlib import Path

# The shape of HuBERT base with its convolutions, made narrow and shallow.
SMALL: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "conv_dim": (16,) * 7,
    "num_conv_pos_embedding_groups": 4,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    described = {"model_type": "hubert", **SMALL}
    (tmp_path / "config.json").write_text(json.dumps(described))
    network = HubertNetwork(HubertSizes.from_config(described)).requires_grad_(requires_grad=False)
    rng = np.random.default_rng(5)
    for name, tensor in network.state_dict().items():
        if "norm" not in name:
            tensor.copy_(torch.from_numpy(0.1 * rng.standard_normal(tensor.shape)))
    save_file(network.state_dict(), tmp_path / "model.safetensors")
    return tmp_path


def wave(seconds: float = 0.5) -> torch.Tensor:
    return torch.sin(torch.arange(int(SAMPLE_RATE * seconds)) * 0.05) * 0.3


def as_pickle(folder: Path, *, prefix: str = "", older_names: bool = True) -> None:
    weights = load_file(folder / "model.safetensors")
    if older_names:
        weights = {
            key.replace("parametrizations.weight.original0", "weight_g").replace(
                "parametrizations.weight.original1", "weight_v"
            ): value
            for key, value in weights.items()
        }
    stream = io.BytesIO()
    torch.save({prefix + key: value for key, value in weights.items()}, stream)
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(stream.getvalue())


@pytest.mark.slow
def test_features_are_the_library_s_last_hidden_state_to_the_bit(folder: Path) -> None:
    from transformers import HubertModel

    # The library hands a loaded model over in evaluation mode.
    model = HubertModel.from_pretrained(folder, local_files_only=True)
    with shapes_only():
        ours = HubertNetwork(HubertSizes.from_config(model.config.to_dict()))
    assert list(ours.state_dict()) == list(model.state_dict())
    with torch.inference_mode():
        expected = model(wave().unsqueeze(0)).last_hidden_state[0].T

    encoder = ContentEncoder.load(folder)
    features = encoder.encode(wave())

    assert encoder.width == 32
    assert features.shape == (32, (8000 - 400) // FRAME_SAMPLES + 1)
    assert features.dtype == torch.float32
    assert torch.equal(features, expected)


@pytest.mark.parametrize("prefix", ["", "hubert."])
@pytest.mark.parametrize("older_names", [True, False])
def test_pickled_weights_of_any_age_give_the_same_features(
    folder: Path, prefix: str, older_names: bool
) -> None:
    expected = ContentEncoder.load(folder).encode(wave())
    as_pickle(folder, prefix=prefix, older_names=older_names)
    torch.testing.assert_close(ContentEncoder.load(folder).encode(wave()), expected)


@pytest.mark.slow
def test_loading_leaves_the_compiler_of_torch_alone(folder: Path) -> None:
    code = (
        "from pathlib import Path\n"
        "from voicepipe.model.encoders.content import ContentEncoder\n"
        f"ContentEncoder.load(Path({str(folder)!r}))"
    )
    assert loaded_by(code, ("torch._dynamo", "torch._inductor", "triton")) == ""


def test_a_missing_weight_is_named(folder: Path) -> None:
    as_pickle(folder)
    path = folder / "pytorch_model.bin"
    weights = torch.load(path, weights_only=True)  # noqa: TID251 - written by this test
    del weights["encoder.layer_norm.bias"]
    torch.save(weights, path)
    with pytest.raises(CheckpointError, match=r"\.bin: lacks encoder\.layer_norm\.bias"):
        ContentEncoder.load(folder)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"config\.json:1:\d+: not JSON"),
        ("[]", "describes no HuBERT model"),
        ('{"model_type": "bert"}', "describes no HuBERT model"),
        ('{"model_type": "hubert", "conv_dim": [1, 2], "conv_stride": [1]}', "differ in length"),
        ('{"model_type": "hubert", "do_stable_layer_norm": true}', "do_stable_layer_norm is True"),
        ('{"model_type": "hubert", "hidden_size": 100000}', "hidden_size must be a whole number"),
        ('{"model_type": "hubert", "num_attention_heads": 5}', "5 heads do not divide"),
        ('{"model_type": "hubert", "num_hidden_layers": 60000}', "holds fewer"),
        (" " * (1 << 21), "larger than"),
    ],
)
def test_a_wrong_configuration_is_refused(folder: Path, text: str, message: str) -> None:
    (folder / "config.json").write_text(text)
    with pytest.raises(CheckpointError, match=message):
        ContentEncoder.load(folder)


def test_an_empty_folder_says_what_to_fetch(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError) as caught:
        ContentEncoder.load(tmp_path)
    assert caught.value.remedy == "voicepipe models pull hubert"


def test_a_configuration_cannot_name_code(folder: Path) -> None:
    path = folder / "config.json"
    table = json.loads(path.read_text()) | {"auto_map": {"AutoModel": "evil.py--Model"}}
    path.write_text(json.dumps(table))
    assert ContentEncoder.load(folder).width == 32
    assert "evil" not in sys.modules


@pytest.mark.parametrize("shape", [(399,), (1, 8000)])
def test_a_waveform_of_another_shape_is_refused(folder: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="at least 400 samples"):
        ContentEncoder.load(folder).encode(torch.zeros(shape))
