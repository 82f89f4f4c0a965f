"""The content encoder: a waveform in, what is being said out, without words.

The published families listen with HuBERT base, whose network is the transformers library's; the
smallest family listens with `PhoneticEncoder`. Weights come from a local folder through our own
reader, so that nothing is downloaded and nothing in a file runs. Knows nothing of semantic tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson
import torch
from huggingface_hub import errors as hub_errors
from transformers import HubertConfig, HubertModel

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoint import load_checkpoint
from voicepipe.model.config import Family
from voicepipe.model.phonetic import PhoneticEncoder, phonetic_mel
from voicepipe.model.weights import load_strictly

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

SAMPLE_RATE: Final = 16_000
"""Of the waveform that goes in."""
FRAME_SAMPLES: Final = 320
"""Samples a feature: 50 features a second."""
MIN_SAMPLES: Final = 400
"""The first feature's reach, 25 ms."""

_MAX_CONFIG_BYTES = 1 << 20
# Weight norm as stored by older and newer torch: the same two tensors under other names.
_RENAMED = (
    (".conv.weight_g", ".conv.parametrizations.weight.original0"),
    (".conv.weight_v", ".conv.parametrizations.weight.original1"),
)
_TRAINING_ONLY = "masked_spec_embed"
# Newer releases of the library check a configuration as a whole, with an error of their own.
_CONFIG_ERRORS = (TypeError, ValueError, getattr(hub_errors, "StrictDataclassError", ValueError))


class ContentEncoder:
    """A network that hears what is said in raw samples, at 50 features a second.

    Args:
        network: In evaluation mode.
        width: Values of a feature.
    """

    def __init__(self, network: HubertModel | PhoneticEncoder, width: int) -> None:
        self._network = network
        self._width = width

    @classmethod
    def load(cls, folder: Path, *, device: torch.device | str = "cpu") -> ContentEncoder:
        """Load a folder: HuBERT's `config.json` and weights, or one file of our own encoder.

        Weights are `model.safetensors` or, as published, `pytorch_model.bin`.

        Raises:
            CheckpointError: A file is missing or wrong, or a weight is missing, left over or of
                another shape.
        """
        converted = folder / "model.safetensors"
        path = converted if converted.is_file() else folder / "pytorch_model.bin"
        if (folder / "config.json").is_file() or not converted.is_file():
            return _load_hubert(folder, path, device)
        return _load_phonetic(path, device)

    @property
    def width(self) -> int:
        """Values of a feature: 768 in HuBERT base."""
        return self._width

    def encode(self, waveform: Tensor) -> Tensor:
        """Turn a waveform into content features.

        Args:
            waveform: (S,) float, mono, 16 kHz, in [-1, 1], as it is: no normalisation.

        Returns:
            (C, T) float32, about S / 320 features.

        Raises:
            ValueError: The waveform has another shape, or is too short for one feature.
        """
        if waveform.ndim != 1 or waveform.shape[0] < MIN_SAMPLES:
            msg = f"a waveform of shape {tuple(waveform.shape)}; at least {MIN_SAMPLES} samples"
            raise ValueError(msg)
        parameter = next(self._network.parameters())
        with torch.inference_mode():
            samples = waveform.to(device=parameter.device, dtype=parameter.dtype).unsqueeze(0)
            if isinstance(self._network, PhoneticEncoder):
                hidden: Tensor = self._network(phonetic_mel(samples))
                return hidden[0].float()
            # The last hidden state, as upstream's `feature_extractor/cnhubert.py` @48b1a01.
            hidden = self._network(samples).last_hidden_state
        return hidden[0].float().transpose(0, 1).contiguous()


def _load_hubert(folder: Path, path: Path, device: torch.device | str) -> ContentEncoder:
    """HuBERT base (Hsu et al., 2021)."""
    config = _read_config(folder / "config.json")
    checkpoint = load_checkpoint(path, family=Family.HUBERT)
    model = HubertModel(config)
    load_strictly(model, _renamed(checkpoint.tensors, model), source=path)
    network: torch.nn.Module = model
    network.to(device).eval()
    return ContentEncoder(model, int(config.hidden_size))


def _load_phonetic(path: Path, device: torch.device | str) -> ContentEncoder:
    checkpoint = load_checkpoint(path, family=Family.PHONETIC)
    shapes = {name: tuple(tensor.shape) for name, tensor in checkpoint.tensors.items()}
    with torch.device("meta"):
        network = PhoneticEncoder.of_shapes(shapes)
    load_strictly(network, checkpoint.tensors, source=path)
    network.to(device).eval()
    return ContentEncoder(network, network.width)


def _read_config(path: Path) -> HubertConfig:
    try:
        if path.stat().st_size > _MAX_CONFIG_BYTES:
            msg = f"{path}: larger than {_MAX_CONFIG_BYTES} bytes"
            raise CheckpointError(msg)
        table = orjson.loads(path.read_bytes())
    except OSError as error:
        msg = f"{path}: {error.strerror or error}"
        raise CheckpointError(msg, remedy="voicepipe models pull hubert") from error
    except orjson.JSONDecodeError as error:
        msg = f"{path}:{error.lineno}:{error.colno}: not JSON ({error.msg})"
        raise CheckpointError(msg, remedy="voicepipe models pull hubert") from error
    if not isinstance(table, dict) or table.get("model_type") != "hubert":
        msg = f"{path}: describes no HuBERT model"
        raise CheckpointError(msg, remedy="give the folder of chinese-hubert-base")
    # Only dimensions are taken over: a config may also name code to import, or a file to fetch.
    known = HubertConfig().to_dict().keys() - {"auto_map", "architectures", "_name_or_path"}
    try:
        return HubertConfig(**{key: value for key, value in table.items() if key in known})
    except _CONFIG_ERRORS as error:
        msg = f"{path}: {str(error).splitlines()[0]}"
        raise CheckpointError(msg) from error


def _renamed(tensors: Mapping[str, Tensor], model: HubertModel) -> dict[str, Tensor]:
    wanted = model.state_dict()
    prefix = "hubert."
    if any(key.startswith(prefix) for key in tensors):
        tensors = {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
    renamed = {}
    for key, value in tensors.items():
        name = key
        for old, new in (*_RENAMED, *((new, old) for old, new in _RENAMED)):
            if key.endswith(old) and key not in wanted:
                name = key.removesuffix(old) + new
        renamed[name] = value
    # Fills masked stretches in training; an inference file may or may not bring it.
    renamed.pop(_TRAINING_ONLY, None)
    if _TRAINING_ONLY in wanted:
        renamed[_TRAINING_ONLY] = wanted[_TRAINING_ONLY]
    return renamed
