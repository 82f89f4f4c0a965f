"""The story that engines are given: what they could not tell apart is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from export_tool import prepared
from stand_in_bank import publish_stand_ins

from voicepipe.errors import UsageError
from voicepipe.pipeline.exporting import ExportRequest, prepare_export
from voicepipe.settings_export import ExportSettings

MORE = """\
scene: hall_door
nodes:
  end:
    - {line: door_0010, who: ann, text: {en: Off., de: Fort.}}
    - goto: END
"""


def test_two_nodes_that_would_have_one_name_are_refused(small: Path) -> None:
    script = small / "scripts_in/hall.yaml"
    text = script.read_text("utf-8").replace("goto: END}", "goto: door_end}", 1)
    node = "  door_end:\n    - goto: hall_door.end\nbarks:"
    script.write_text(text.replace("barks:", node), "utf-8")
    (small / "scripts_in/hall_door.yaml").write_text(MORE, "utf-8")
    publish_stand_ins(small)
    with pytest.raises(UsageError, match="would have one name"):
        prepared(small, "ink", options={"script": True})


def test_a_story_is_read_once_and_only_when_it_is_asked_for(small: Path) -> None:
    export = prepare_export(small, ExportRequest(target=ExportSettings(target="generic"))).export
    assert export.read_story() is export.read_story()
    says = [say.line for say in export.read_story().says()]
    assert says == ["hall_0010", "hall_0020", "hall_0030", "bark_0010"]
