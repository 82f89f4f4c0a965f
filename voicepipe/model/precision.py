"""In which numbers the stages compute (torch-free)."""

from __future__ import annotations

from enum import Enum
from typing import Final

from voicepipe.errors import EnvironmentFault

INT8_STEPS: Final = 127
"""What the largest number of a row becomes in 8 bits."""


class Precision(Enum):
    """Type of weights and products of the semantic stage."""

    FLOAT32 = "float32"
    """Everywhere; the only one whose tokens are the reference's."""
    INT8 = "int8"
    """On a CPU: 8-bit weights, rows, keys and values, each with its scale; sums, and all else, stay
    float32."""
    FLOAT16 = "float16"
    """On a GPU."""
    BFLOAT16 = "bfloat16"
    """On a GPU, and on CPUs that multiply such numbers: half the digits of float16, the range of
    float32. On a CPU sums, norms and what is drawn from stay float32, and the convolutions that
    make samples are in it as well."""

    def require_device(self, device: str) -> None:
        """Make sure that a device computes in these numbers.

        Raises:
            EnvironmentFault: It does not, or only at a loss.
        """
        is_cpu = device == "cpu"
        if self is Precision.INT8 and not is_cpu:
            raise EnvironmentFault(
                f"precision int8 is for a CPU, not {device}",
                remedy="use float16 or bfloat16 on a GPU, or float32",
            )
        if self is Precision.FLOAT16 and is_cpu:
            raise EnvironmentFault(
                "precision float16 is for a GPU: a CPU computes slower in it than in float32",
                remedy="use float32, int8 or bfloat16 on a CPU",
            )
