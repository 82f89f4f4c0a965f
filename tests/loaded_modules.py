"""Which modules an import brings along."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("numpy", "scipy", "soundfile", "torch")


def loaded_by(code: str, among: tuple[str, ...] = HEAVY) -> str:
    """Run code in a fresh interpreter; name the modules it has loaded of these."""
    program = f"import sys\n{code}\nprint(*(m for m in {among!r} if m in sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return run.stdout.strip()
