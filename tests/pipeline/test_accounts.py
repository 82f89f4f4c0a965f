"""Accounts: what a voice was used for, what is disclosed, where a version comes from."""

from __future__ import annotations

import csv
import datetime
import io
import json
from dataclasses import replace

import pytest
from small_project import Bench

from voicepipe.bank.versions import load_latest
from voicepipe.errors import UsageError
from voicepipe.model_store.lock import LockedFile, LockedModel, Source, Trust
from voicepipe.pipeline.accounts.disclosure import disclose
from voicepipe.pipeline.accounts.provenance import bill_of_materials
from voicepipe.pipeline.accounts.usage import Period, UsageReport, report_usage
from voicepipe.pipeline.accounts.writing import (
    usage_csv,
    usage_facts,
    usage_html,
    usage_markdown,
)

EVER = Period()


def _usage(bench: Bench, voice: str = "ann", period: Period = EVER) -> UsageReport:
    return report_usage(bench.root / "out", "small", voice, period)


def test_a_report_names_what_shipped_and_what_was_superseded(rendered: Bench) -> None:
    rendered.edit("scripts_in/hall.yaml", "Good evening.", "Good morning to everybody.")
    rendered.render()
    report = _usage(rendered)
    facts = usage_facts(report)
    assert facts["versions"] == ["v0001", "v0002"]
    assert (facts["lines_shipped"], facts["lines_superseded"]) == (4, 1)
    assert facts["takes_rendered"] == 5
    assert facts["consents"] == ["ann-consent"]
    assert facts["languages"] == ["de", "en"]
    (old,) = report.superseded
    assert (old.line, old.language, old.version) == ("hall_0010", "en", "v0001")
    new = next(one for one in report.shipped if (one.line, one.language) == ("hall_0010", "en"))
    assert (new.words, new.version) == (4, "v0002")


def test_a_period_leaves_out_the_days_around_it(rendered: Bench) -> None:
    today = datetime.datetime.now(datetime.timezone.utc).date()
    day = datetime.timedelta(days=1)
    assert _usage(rendered, period=Period(first=today - day, last=today + day)).files
    with pytest.raises(UsageError, match="nothing was made"):
        _usage(rendered, voice="nobody")
    later = _usage(rendered, period=Period(first=today + day))
    assert (later.files, later.takes_rendered) == ((), 0)


def test_a_report_is_written_for_people_and_spreadsheets(rendered: Bench) -> None:
    report = replace(_usage(rendered), bank="<b>small | other</b>")
    rows = list(csv.DictReader(io.StringIO(usage_csv(report))))
    assert [row["sha256"] for row in rows] == [file.sha256 for file in report.files]
    page = usage_html(report)
    assert "<b>small" not in page
    assert "&lt;b&gt;small" in page
    assert "http" not in page
    assert "small \\| other" in usage_markdown(report)


def test_a_disclosure_counts_what_is_synthetic(rendered: Bench) -> None:
    manifest = load_latest(rendered.root / "out", "small")
    assert manifest is not None
    told = disclose(manifest, producer="Harbor Studio")
    assert (told.n_synthetic, told.n_recorded) == (6, 0)
    assert "6 lines" in told.steam
    assert "Harbor Studio" in told.eu
    assert "watermark" not in told.eu, "no mark was read, and none is claimed"
    assert "GB 45438-2025" in told.china
    entries = tuple(replace(one, source="recorded") for one in manifest.entries)
    people = disclose(replace(manifest, entries=entries), producer="")
    assert people.steam == "No speech in this game is generated."
    assert "Recorded as" in people.credits
    marked = tuple(replace(one, watermark="perth-implicit-1") for one in manifest.entries)
    assert "6 of them" in disclose(replace(manifest, entries=marked), producer="").eu


def test_a_bill_of_materials_names_every_file_and_model_once(rendered: Bench) -> None:
    manifest = load_latest(rendered.root / "out", "small")
    assert manifest is not None
    digest = "ef" * 32
    entries = tuple(replace(one, models={"gpt": digest}) for one in manifest.entries)
    manifest = replace(manifest, entries=entries)
    locked = LockedModel(
        name="tiny-gpt",
        family="semantic",
        lora_rank=None,
        files={"model.safetensors": LockedFile(sha256=digest, n_bytes=3)},
        source=Source(
            file="tiny-gpt/model.safetensors",
            sha256=digest,
            trust=Trust.PINNED,
            repository="voicepipe",
            revision="1",
        ),
    )
    bill = json.loads(json.dumps(bill_of_materials(manifest, {"tiny-gpt": locked})))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    model, *clips = bill["components"]
    assert model["licenses"] == [{"license": {"id": "MIT"}}]
    assert {one["hashes"][0]["content"] for one in clips} == {one.sha256 for one in entries}
    refs = {one["bom-ref"] for one in bill["components"]}
    assert len(refs) == len(bill["components"])
    for edge in bill["dependencies"]:
        assert {edge["ref"], *edge["dependsOn"]} <= refs
    again = bill_of_materials(manifest, {"tiny-gpt": locked})
    assert again["serialNumber"] == bill["serialNumber"]
    unknown = json.loads(json.dumps(bill_of_materials(manifest, {})))
    assert "licenses" not in unknown["components"][0]
