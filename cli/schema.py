"""`voicepipe schema`: the JSON Schema of each kind of file, for editors and checks."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from cli.options import AsJson
from cli.output import emit_json, write
from voicepipe.diagnostics import did_you_mean
from voicepipe.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMAS: dict[str, str] = {
    "screenplay": "voicepipe.screenplay.formats.schema:screenplay_schema",
    "settings": "voicepipe.settings:settings_schema",
    "voice": "voicepipe.voices.voice_file:VoiceFile",
    "cast": "voicepipe.voices.voice_file:cast_json_schema",
    "prosody": "voicepipe.voices.prosody_file:ProsodyFile",
    "manifest": "voicepipe.bank.manifest_schema:manifest_schema",
    "bench": "voicepipe.benchmarking.report:bench_schema",
}
"""Kind of file → `module:name` of the model it is read as, or of a function giving its schema."""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("schema")(schema)


def schema(
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(SCHEMAS)}.")],
    as_json: AsJson = False,
) -> None:
    """Print the JSON Schema of a kind of file."""
    if kind not in SCHEMAS:
        raise UsageError(
            f'there is no schema "{kind}"{did_you_mean(kind, SCHEMAS)}',
            remedy=f"choose one of {', '.join(SCHEMAS)}",
        )
    if as_json:
        emit_json({"kind": kind, "json_schema": orjson.loads(schema_json(kind))})
        return
    write(schema_json(kind))


def schema_json(kind: str) -> bytes:
    """Give a schema as the file in `docs/schemas/` holds it.

    Args:
        kind: A key of `SCHEMAS`.

    Raises:
        KeyError: Any other.
    """
    module, _, name = SCHEMAS[kind].partition(":")
    found: Any = getattr(import_module(module), name)
    document: Mapping[str, Any] = (
        found.model_json_schema() if hasattr(found, "model_json_schema") else found()
    )
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(document, option=options)
