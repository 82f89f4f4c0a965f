"""The figures of one bench, as `voicepipe bench --json` prints them (torch-free)."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voicepipe.errors import EnvironmentFault

BENCH_SCHEMA: Final = 1

_Amount = Annotated[float, Field(ge=0.0)]
_Count = Annotated[int, Field(ge=1)]


class _Section(BaseModel):
    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        populate_by_name=True,
        protected_namespaces=(),
    )


class StageCost(_Section):
    """What one stage takes for a second of speech."""

    core_s_per_audio_s: _Amount
    """Seconds of a processor core. Hardly changes when other programs run."""
    real_time_factor: _Amount
    """Seconds on the clock: under 1 is faster than speech. Grows when other programs run."""


class StageCosts(_Section):
    """Every stage, and all of them together."""

    prefill: StageCost
    """Reading the line and the voice's prompt into the semantic stage."""
    semantic: StageCost
    """The steps that follow, one token of each line at a time."""
    decoder: StageCost
    """From tokens to samples."""
    total: StageCost
    """The sum."""


class BenchReport(_Section):
    """One bench of one set of models on one device."""

    schema_number: Literal[1] = Field(default=BENCH_SCHEMA, alias="schema")
    """Of this document."""
    stages: StageCosts
    slots: _Count
    """Lines that were under way at once."""
    slots_asked: Annotated[int, Field(ge=0)]
    """0: as many as memory and device allow."""
    precision: str
    """Numbers of the semantic stage."""
    device: str
    models: str
    """`formula v2` or `voice <name>`: for people."""
    models_key: str
    """What tells these models from others: a family's name, or hashes of a voice's files."""
    size: str
    """`full` or `tiny`; a voice's models are `full`."""
    audio_s: _Amount
    """Seconds of speech each stage was measured over, at least."""
    tokens_per_s: _Amount
    """Of the semantic steps, all slots together, on the clock."""
    startup_s: _Amount
    """Loading libraries and models: what a process takes before its first line."""
    import_s: _Amount
    """Of that, the libraries; 0 when something had loaded them before."""
    peak_memory_mb: _Amount
    """The most memory the process had while it worked (MiB)."""
    peak_device_memory_mb: _Amount | None
    """The most memory its tensors took on a CUDA device (MiB)."""
    threads: _Count
    """That one process computes with on the processor."""
    machine: str
    """Processor, and device where it is another."""
    cores: _Count
    """That this process may use."""
    load_average: _Amount | None
    """Of the last minute, before the bench began; other programs are in it."""
    made: str
    """When: ISO 8601, UTC."""
    kernels: dict[str, str] = Field(default_factory=dict)
    """How the processor computes what has two ways, and why; empty on another device."""
    versions: dict[str, str]
    """Of voicepipe, Python and torch."""

    def document(self) -> dict[str, Any]:
        """Give it as plain JSON values."""
        return self.model_dump(mode="json", by_alias=True)


def bench_schema() -> dict[str, Any]:
    """Give the JSON Schema of the document."""
    return BenchReport.model_json_schema(by_alias=True, mode="serialization")


def parse_report(content: bytes, name: str) -> BenchReport:
    """Read a kept report.

    Args:
        content: The file's bytes.
        name: What messages call it.

    Raises:
        EnvironmentFault: They are no report of this schema.
    """
    try:
        return BenchReport.model_validate(orjson.loads(content))
    except (orjson.JSONDecodeError, ValidationError) as error:
        raise EnvironmentFault(
            f"{name}: is no bench of schema {BENCH_SCHEMA}", remedy="voicepipe bench makes it anew"
        ) from error
