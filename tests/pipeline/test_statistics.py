"""Counting a production by character, scene, language, status and verdict."""

from __future__ import annotations

import csv
import io
import sys
from typing import Any

import openpyxl
import pytest
from small_project import Bench

from voicepipe.errors import EnvironmentFault
from voicepipe.pipeline.production import read_production
from voicepipe.pipeline.render.rendering import RenderOptions
from voicepipe.pipeline.reviewing import Request, Verb, take_in
from voicepipe.pipeline.statistics import (
    Grouping,
    count_production,
    statistics_csv,
    statistics_xlsx,
)


def _table(bench: Bench, *groupings: Grouping) -> list[dict[str, Any]]:
    counted = count_production(read_production(bench.root).produced, groupings)
    rows = [*counted.rows, counted.total]
    return [dict(zip(counted.columns, row, strict=True)) for row in rows]


def test_lines_words_minutes_and_statuses_are_counted_and_summed_up(rendered: Bench) -> None:
    production = read_production(rendered.root)
    request = Request(verb=Verb.APPROVE, line="hall_0020", language="de")
    take_in(production, [request], command="test")
    ann, bob, everyone = _table(rendered, Grouping.CHARACTER)
    assert (ann["character"], ann["lines"], ann["words"]) == ("ann", 4, 6)
    assert (bob["lines"], bob["approved"], bob["synthetic"]) == (2, 1, 1)
    assert (everyone["character"], everyone["lines"], everyone["rendered"]) == ("all", 6, 6)
    seconds = sum(one.entry.duration_s for one in production.produced if one.entry)
    assert everyone["minutes"] == everyone["rendered_minutes"] == round(seconds / 60, 2)


def test_minutes_are_estimated_where_there_is_no_clip(bench: Bench) -> None:
    german, english, everyone = _table(bench, Grouping.LANGUAGE)
    assert (german["language"], english["language"]) == ("de", "en")
    assert everyone["minutes"] > 0
    assert (everyone["rendered"], everyone["rendered_minutes"]) == (0, 0)
    assert everyone["written"] == everyone["lines"] == 6


def test_rows_may_be_about_several_things_at_once(bench: Bench) -> None:
    bench.render(RenderOptions(qc="off"), languages=["en"])
    rows = _table(bench, Grouping.STATUS, Grouping.LANGUAGE, Grouping.VERDICT)
    assert [(r["status"], r["language"], r["verdict"], r["lines"]) for r in rows] == [
        ("synthetic", "en", "not judged", 3),
        ("written", "de", "", 3),
        ("all", "", "", 6),
    ]


def test_csv_and_workbook_hold_the_table_and_no_formula(bench: Bench) -> None:
    bench.edit("scripts_in/hall.yaml", "scene: hall", "scene: hall\ntitle: Hall")
    counted = count_production(read_production(bench.root).produced, [Grouping.SCENE])
    spelled = tuple(("=1+1", *row[1:]) for row in counted.rows)
    object.__setattr__(counted, "rows", spelled)
    (header, row, total) = csv.reader(io.StringIO(statistics_csv(counted)))
    assert (header[0], row[0], total[0]) == ("scene", "'=1+1", "all")
    sheet = openpyxl.load_workbook(io.BytesIO(statistics_xlsx(counted))).active
    cells = list(sheet.values)
    assert cells[0][:2] == ("scene", "lines")
    assert cells[1][:2] == ("'=1+1", 6)
    assert sheet["A2"].data_type == "s"


def test_without_pandas_the_error_says_what_to_install(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(EnvironmentFault, match="pandas") as missing:
        _table(bench, Grouping.SCENE)
    assert "[stats]" in missing.value.remedy
