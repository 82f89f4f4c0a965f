"""HuBERT base (Hsu et al., 2021): the content encoder of the published families.

The network is the transformers library's, which takes seconds to import; nothing else needs it to
hear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huggingface_hub import errors as hub_errors
from transformers import HubertConfig, HubertModel

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.json_files import read_json
from voicepipe.model.checkpoints.reading import load_checkpoint
from voicepipe.model.checkpoints.weights import load_strictly
from voicepipe.model.config import Family

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor, nn

_MAX_CONFIG_BYTES = 1 << 20
# Weight norm as stored by older and newer torch: the same two tensors under other names.
_RENAMED = (
    (".conv.weight_g", ".conv.parametrizations.weight.original0"),
    (".conv.weight_v", ".conv.parametrizations.weight.original1"),
)
_TRAINING_ONLY = "masked_spec_embed"
# Newer releases of the library check a configuration as a whole, with an error of their own.
_CONFIG_ERRORS = (TypeError, ValueError, getattr(hub_errors, "StrictDataclassError", ValueError))


def load_hubert(folder: Path, path: Path) -> tuple[nn.Module, int]:
    """Load the network, in evaluation mode, and the width of its features.

    Args:
        folder: With its `config.json`.
        path: Of its weights.

    Raises:
        CheckpointError: A file is missing or wrong, or a weight is missing, left over or of
            another shape.
    """
    config = _read_config(folder / "config.json")
    checkpoint = load_checkpoint(path, family=Family.HUBERT)
    model = HubertModel(config)
    load_strictly(model, _renamed(checkpoint.tensors, model), source=path)
    network: nn.Module = model
    return network.eval(), int(config.hidden_size)


def hear(network: nn.Module, samples: Tensor) -> Tensor:
    """Turn (1, S) samples into (1, C, T) features: the last hidden state.

    As upstream's `feature_extractor/cnhubert.py` @48b1a01.
    """
    hidden: Tensor = network(samples).last_hidden_state
    return hidden.transpose(1, 2).contiguous()


def _read_config(path: Path) -> HubertConfig:
    table = read_json(path, remedy="voicepipe models pull hubert", max_bytes=_MAX_CONFIG_BYTES)
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
