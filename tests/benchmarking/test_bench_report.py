"""A bench as a document and as a picture."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import orjson
import pytest
from bench_reports import report
from pydantic import ValidationError

from cli.schema import schema_json
from voicepipe.benchmarking.chart import draw_chart
from voicepipe.benchmarking.report import bench_schema, parse_report
from voicepipe.errors import EnvironmentFault

SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "schemas" / "bench.json"


def test_the_document_obeys_its_published_schema() -> None:
    document = report().document()
    jsonschema.Draft202012Validator(bench_schema()).validate(document)
    assert document["schema"] == 1
    assert set(document["stages"]) == {"prefill", "semantic", "decoder", "total"}
    for stage in document["stages"].values():
        assert set(stage) == {"core_s_per_audio_s", "real_time_factor"}
    assert SCHEMA_FILE.read_bytes() == schema_json("bench")


@pytest.mark.parametrize("change", [{"schema": 2}, {"slots": 0}, {"stages": {}}, {"audio_s": -1}])
def test_the_schema_refuses_what_the_reader_refuses(change: dict[str, object]) -> None:
    document = report().document() | change
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(bench_schema()).validate(document)
    with pytest.raises(EnvironmentFault, match="no bench of schema 1") as caught:
        parse_report(orjson.dumps(document), "kept.json")
    assert caught.value.message.startswith("kept.json")


def test_a_report_survives_being_written_and_read() -> None:
    for device in ("cpu", "cuda:0"):
        whole = report(device=device)
        assert parse_report(json.dumps(whole.document()).encode(), "x") == whole


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": 1}', b"\xff"])
def test_what_is_no_report_is_refused(content: bytes) -> None:
    with pytest.raises(EnvironmentFault):
        parse_report(content, "kept.json")


def test_figures_are_numbers() -> None:
    with pytest.raises(ValidationError):
        report(core_s=float("nan"))


def test_the_picture_has_a_bar_a_stage_as_long_as_its_cost() -> None:
    drawn = ET.fromstring(draw_chart(report(core_s=2.0)))
    bars = [each for each in drawn.iter() if each.tag.endswith("rect")][1:]
    widths = [float(bar.attrib["width"]) for bar in bars]
    assert len(widths) == 4
    assert widths[0] / widths[3] == pytest.approx(0.2, abs=0.01)
    words = "".join(drawn.itertext())
    assert "A <quick> processor" in words
    assert "2.000" in words
