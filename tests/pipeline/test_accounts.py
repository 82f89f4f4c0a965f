"""Accounts: what a voice was used for, what is disclosed, where a version comes from."""

from __future__ import annotations

import csv
import datetime
import io
import json
from dataclasses import replace
from typing import Any, cast

import pytest
from small_project import Bench

from voicepipe.bank.versions import load_latest
from voicepipe.errors import UsageError
from voicepipe.hashing import sha256_of_bytes
from voicepipe.model_store.lock import LockedFile, LockedModel, Source, Trained, Trust
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
DIGEST = "ef" * 32
LOCKED = LockedModel(
    name="tiny-gpt",
    family="semantic",
    lora_rank=None,
    files={"model.safetensors": LockedFile(sha256=DIGEST, n_bytes=3)},
    source=Source(
        file="gpt/model.safetensors",
        sha256=DIGEST,
        trust=Trust.FIRST_USE,
        repository="someone/something",
        revision="1",
    ),
)


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
    entries = tuple(replace(one, models={"gpt": DIGEST}) for one in manifest.entries)
    manifest = replace(manifest, entries=entries)
    locked = replace(LOCKED, source=replace(LOCKED.source, repository="voicepipe"))
    bill = json.loads(json.dumps(bill_of_materials(manifest, {"tiny-gpt": locked})))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    by_type: dict[str, list[dict[str, Any]]] = {}
    for one in bill["components"]:
        by_type.setdefault(one["type"], []).append(one)
    (model,) = by_type["machine-learning-model"]
    clips = by_type["file"]
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


def _bill(bench: Bench, locked: dict[str, LockedModel] | None = None) -> dict[str, Any]:
    manifest = load_latest(bench.root / "out", "small")
    assert manifest is not None
    entries = tuple(replace(one, models={"gpt": DIGEST}) for one in manifest.entries)
    voices = bench.project().catalog.voices
    found = bill_of_materials(replace(manifest, entries=entries), locked or {}, voices)
    return cast("dict[str, Any]", json.loads(json.dumps(found)))


def _of(bill: dict[str, Any], ref: str) -> dict[str, Any]:
    (found,) = [one for one in bill["components"] if one["bom-ref"] == ref]
    return cast("dict[str, Any]", found)


def test_a_bill_names_whose_word_recordings_are_used_under(rendered: Bench) -> None:
    dates = "from: 2020-01-01\n  until: 2900-12-31\n  terms: Apache-2.0"
    rendered.edit("voices/ann.yaml", "from: 2020-01-01", dates)
    (rendered.root / "voices/paper.txt").write_bytes(b"agreed")
    paper = f"evidence: voices/paper.txt\n  evidence_sha256: {sha256_of_bytes(b'agreed')}"
    rendered.edit("voices/bob.yaml", "kind: synthetic", f"kind: actor\n  {paper}")
    bill = _bill(rendered)
    ann, bob = (_of(bill, f"recordings:{one}@{one}-consent") for one in ("ann", "bob"))
    assert ann["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    licence = bob["licenses"][0]["license"]
    assert licence["name"] == "consent record bob-consent"
    assert licence["licensing"]["licensor"] == {"individual": {"name": "A tone generator"}}
    said = {one["name"]: one["value"] for one in bob["properties"]}
    assert said["voicepipe:consent-kind"] == "actor"
    assert said["voicepipe:consent-state"] == "active"
    edges = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    clips = [one for one in bill["components"] if one["type"] == "file"]
    for clip in clips:
        assert any(ref.startswith("recordings:") for ref in edges[clip["bom-ref"]])
    rendered.edit("voices/ann.yaml", "ann-consent", "ann-later")
    old = _of(_bill(rendered), "recordings:ann@ann-consent")
    assert old["licenses"] == [{"license": {"name": "consent record ann-consent"}}]


def test_a_bill_names_what_models_were_trained_on_or_says_that_it_is_not_known(
    rendered: Bench,
) -> None:
    embedded = replace(LOCKED, source=replace(LOCKED.source, repository="voicepipe"))
    data = _of(_bill(rendered, {"tiny-gpt": embedded}), "data:voicepipe-corpus")
    assert data["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    other = _of(_bill(rendered, {"tiny-gpt": LOCKED}), f"data:{DIGEST}")
    assert "licenses" not in other
    assert other["properties"][0]["value"].startswith("not known")
    trained = Trained(
        voice="ann",
        consent="ann-consent",
        dataset_sha256="ab" * 32,
        base="s1-v2",
        base_sha256="cd" * 32,
        steps=9,
    )
    own = _of(_bill(rendered, {"ann-gpt": replace(LOCKED, trained=trained)}), f"data:{'ab' * 32}")
    assert own["licenses"] == [{"license": {"name": "consent record ann-consent"}}]
    assert own["hashes"][0]["content"] == "ab" * 32


@pytest.mark.parametrize("repository", ["voicepipe", "lj1995/GPT-SoVITS", ""])
def test_a_bill_keeps_to_the_official_schema(rendered: Bench, repository: str) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    rendered.edit("voices/ann.yaml", "from: 2020-01-01", "from: 2020-01-01\n  until: 2900-12-31")
    source = replace(LOCKED.source, repository=repository)
    bill = _bill(rendered, {"tiny-gpt": replace(LOCKED, source=source)})
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(json.dumps(bill)) is None
    bill["components"][0]["licences"] = []
    assert validator.validate_str(json.dumps(bill)) is not None
