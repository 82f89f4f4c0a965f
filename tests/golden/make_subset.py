"""Make the committed part of the large vectors again: `make golden`.

A part of every stage and family, small enough for version control: inputs whole, or cut where a
shorter input gives the same beginning; outputs thinned. What takes long inputs (two references,
styles of most families, a training step of the acoustic stage) stays with the large vectors.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
from typing import Any

import numpy as np
from golden_vectors import LARGE, SUBSET

from voicepipe.parity.subset import crop_of

_THIN = ":,:,::8"
_LATENT = {
    **dict.fromkeys(("codes", "phones", "style"), ""),
    **dict.fromkeys(("prior_mean", "z"), ":,:,::4"),
    **dict.fromkeys(("audio_one_ref", "audio_speed_085"), _THIN),
}
_MEL = {
    **dict.fromkeys(("codes", "phones", "style", "prompt_mel", "noise"), ""),
    **dict.fromkeys(("features", "features_speed_085"), _THIN),
    **dict.fromkeys(("cfm_4_steps", "cfm_2_steps_cfg_05"), ":,:,::3"),
}
_GPT = {
    "prompt": "",
    **{f"{kind}_0": "" for kind in ("phones", "bert", "tokens", "batch_tokens")},
    "logits_0": ":8",
}
_VOCODER = {"mel": "", "audio": ""}
KEPT: dict[str, dict[str, str]] = {
    "gpt_v1": _GPT,
    "gpt_v2": _GPT,
    "gpt_v2_eos": _GPT,
    "v1": {**_LATENT, "refer_spec_0": ""},
    # 42 frames give the first 21 tokens.
    "v2": {**_LATENT, "ssl": ":,:,:42", "ssl_codes": ":,:,:21"},
    "v2Pro": {**_LATENT, "sv_emb": ":1"},
    "v2ProPlus": _LATENT,
    "v3": _MEL,
    "v4": _MEL,
    "bigvgan": _VOCODER,
    "vocoder_v4": _VOCODER,
    "speaker": {"wave_16k": "", "fbank": "::8", "embedding": ":,::8"},
    # The beginnings of waves, and the frames that no later sample reaches.
    "spectrogram": {
        **dict.fromkeys(("wave_32k", "wave_24k", "wave_32k_b"), ":,:16000"),
        "linear_spec": ":,:,:5",
        "mel_v3": ":,:,:50",
        "mel_v4": ":,:,:40",
    },
    "train_gpt": dict.fromkeys(
        ("phones", "phone_lengths", "tokens", "token_lengths", "bert", "loss_sum", "top3_accuracy"),
        "",
    ),
}
"""Folder to array to crop; an empty crop is the whole array."""
SHARED = {"v2Pro": {"refer_spec_0": "v1"}}
"""Arrays that equal another folder's."""
FORMULA = (
    ("model.h.layers.0.self_attn.out_proj.weight", (6, 4), "torch.float32"),
    ("model.ar_predict_layer.weight", (5, 4), "torch.float32"),
    ("dec.conv_pre.weight_g", (4, 1, 1), "torch.float32"),
    ("bn1.running_var", (7,), "torch.float32"),
    ("quantizer.vq.layers.0._codebook.embed", (3, 4), "torch.float32"),
    ("enc_p.encoder_text.norm_layers_1.0.gamma", (8,), "torch.float16"),
    ("conv_post.weight", (1, 24, 7), "torch.float32"),
    ("bn1.num_batches_tracked", (), "torch.int64"),
    ("enc_p.proj.bias", (9,), "torch.float32"),
)
"""A tensor of every kind that the recorded weights are made of."""
FORMULA_SALT, FORMULA_EOS_GAIN = 2, 8.0


def documents() -> dict[str, Any]:
    """Every recorded JSON file, and how the arrays were cut."""
    paths = sorted(LARGE.rglob("*.json"))
    return {
        "documents": {p.relative_to(LARGE).as_posix(): json.loads(p.read_bytes()) for p in paths},
        "crops": {
            folder: {name: crop for name, crop in kept.items() if crop}
            for folder, kept in KEPT.items()
        },
        "shared": SHARED,
    }


def arrays(folder: str) -> dict[str, Any]:
    """A folder's part."""
    with np.load(LARGE / folder / "io.npz") as recorded:
        return {
            name: recorded[name][crop_of(crop)] if crop else recorded[name]
            for name, crop in KEPT[folder].items()
        }


def formula_values() -> dict[str, Any]:
    """Tensors as the recordings' own formula makes them."""
    spec = importlib.util.spec_from_file_location("recorded_synth", LARGE / "synth.py")
    assert spec is not None
    assert spec.loader is not None
    synth: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(synth)
    return {
        key: synth.synth_tensor(key, shape, dtype, FORMULA_SALT, FORMULA_EOS_GAIN).numpy()
        for key, shape, dtype in FORMULA
    }


def main() -> None:
    """Write everything."""
    SUBSET.mkdir(exist_ok=True)
    content = json.dumps(documents(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    (SUBSET / "documents.json.gz").write_bytes(gzip.compress(content.encode(), 9, mtime=0))
    for folder in KEPT:
        np.savez_compressed(SUBSET / f"{folder}.npz", **arrays(folder))
    np.savez_compressed(SUBSET / "formula.npz", **formula_values())


if __name__ == "__main__":
    main()
