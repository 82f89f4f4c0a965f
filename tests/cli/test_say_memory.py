"""What saying one line takes besides what loading PyTorch takes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cli.main import run

EXAMPLE = Path(__file__).parents[2] / "examples/lighthouse"
MOST_MIB = 300
"""It was 345 while all that loading took was kept."""
TORCH = "import torch"
SAY = "from cli.main import run; run(sys.argv[1:])"
PLAIN_PAGES = 41
"""Linux's `PR_SET_THP_DISABLE`. Where a system gives every process huge pages, whatever touches one
byte has two megabytes: the line then takes 350 to 395 MiB."""
RUN = """
import ctypes, sys
from pathlib import Path
ctypes.CDLL(None).prctl({plain_pages}, 1, 0, 0, 0)
try:
    {code}
finally:
    print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


def peak_mib(code: str, *words: str) -> float:
    """Run code in an interpreter of its own; the most memory that it had."""
    running = [sys.executable, "-c", RUN.format(code=code, plain_pages=PLAIN_PAGES), *words]
    told = subprocess.run(running, check=True, capture_output=True, text=True).stdout
    return int(told.split()[-1]) / 1024


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="counts pages as Linux does")
def test_one_line_of_the_embedded_voice_takes_little_beside_torch(tmp_path: Path) -> None:
    root, wav = tmp_path / "project", tmp_path / "said.wav"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("out", "models"))
    with pytest.raises(SystemExit):
        run(["-C", str(root), "models", "pull", "tiny"])
    said = ("-C", str(root), "say", "Who is there?", "--voice", "keeper", "-o", str(wav))
    # With all that is done once: the clip is heard, kernels are measured.
    beside = peak_mib(SAY, *said) - peak_mib(TORCH)
    assert wav.stat().st_size > 10_000
    assert beside < MOST_MIB
