"""Published schemas are the code's own, and agree with the readers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from script_strategies import screenplays

from cli.main import run
from cli.schema import SCHEMAS, schema_json
from voicepipe.screenplay.formats.schema import screenplay_schema
from voicepipe.screenplay.formats.yaml_printer import print_yaml
from voicepipe.screenplay.syntax import Screenplay

DOCS = Path(__file__).parents[2] / "docs"
VALIDATOR = jsonschema.Draft202012Validator(screenplay_schema())


class AllText(yaml.SafeLoader):
    """Reads every plain value as text, as our own reader does."""


AllText.yaml_implicit_resolvers = {}


def documents(text: str) -> list[Any]:
    # The banned `yaml.load` is what a schema's other users have; here the text is our own.
    loader: Any = AllText(text)
    found = []
    while loader.check_data():
        found.append(loader.get_data())
    return found


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_published_schema_is_the_present_one(kind: str) -> None:
    published = (DOCS / "schemas" / f"{kind}.json").read_bytes()
    assert published == schema_json(kind), f"write it anew: voicepipe schema {kind}"
    jsonschema.Draft202012Validator.check_schema(json.loads(published))


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_command_prints_the_schema(
    kind: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["schema", kind])
    assert ended.value.code == 0
    assert capfdbinary.readouterr().out == schema_json(kind)


def test_an_unknown_schema_is_a_usage_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["schema", "setings"])
    assert ended.value.code == 2
    assert 'did you mean "settings"?' in capfd.readouterr().err


def test_the_examples_of_the_handbook_fit_the_schema() -> None:
    text = (DOCS / "reference" / "screenplay.md").read_text("utf-8")
    for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL):
        for document in documents(block):
            VALIDATOR.validate(_numbers(document))


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(screenplay=screenplays)
def test_every_sound_screenplay_fits_the_schema(screenplay: Screenplay) -> None:
    for document in documents(print_yaml(screenplay)):
        VALIDATOR.validate(_numbers(document))


@pytest.mark.parametrize(
    "text",
    [
        "scene: A b",
        "nodes: {}",
        "scene: a\nextra: 1",
        "scene: a\nnodes: {b: [{who: noah, txt: x}]}",
        "scene: a\nnodes: {b: [{foo: x}]}",
        "scene: a\nnodes: {b: [{choice: []}]}",
        "scene: a\nnodes: {b: [{choice: [{text: x}]}]}",
        "scene: a\nnodes: {b: [{goto: x.y.z}]}",
        "variables: {a: {}}",
        "variables: {a: {type: real}}",
        "speakers: {a__b: }",
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(text: str) -> None:
    (document,) = documents(text)
    assert not VALIDATOR.is_valid(_numbers(document))


def _numbers(value: Any, key: str = "") -> Any:
    """Give numbers and truths the types an editor's YAML reader gives them."""
    if isinstance(value, dict):
        return {name: _numbers(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    if key in ("speed", "min", "max") and isinstance(value, str):
        return float(value) if key == "speed" else int(value)
    if key in ("narrator", "entry", "once", "voiced") and value in ("true", "false"):
        return bool(value == "true")
    return value or None
