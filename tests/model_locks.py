"""Lock files that name models no file of which exists."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_model_lock(root: Path, families: Mapping[str, tuple[str, int | None]]) -> None:
    """Write `models.lock`; name → family and LoRA rank."""
    models = {
        name: {
            "family": family,
            "lora_rank": lora_rank,
            "files": {"model.safetensors": {"sha256": f"{i:064x}", "n_bytes": 4}},
            "source": {
                "file": name,
                "sha256": "0" * 64,
                "trust": "local",
                "repository": "",
                "revision": "",
            },
        }
        for i, (name, (family, lora_rank)) in enumerate(families.items())
    }
    (root / "models.lock").write_text(json.dumps({"schema": 1, "models": models}), "utf-8")
