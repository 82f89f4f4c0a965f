"""What is printed reads back as it was, in both formats and from one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from script_strategies import SCRIPT_LANGUAGES, screenplays, without_places, words

from voicepipe.documents.source import SourceFile
from voicepipe.documents.yaml_tree import YamlMapping, YamlScalar, parse_yaml
from voicepipe.screenplay.formats.csv_printer import print_csv
from voicepipe.screenplay.formats.loader import parse_scripts
from voicepipe.screenplay.formats.yaml_printer import print_yaml, scalar

if TYPE_CHECKING:
    from voicepipe.screenplay.syntax import Screenplay

FORMATS = {"yaml": print_yaml, "csv": print_csv}
fewer = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))


def reread(screenplay: Screenplay, form: str) -> Screenplay:
    printed = FORMATS[form](screenplay)
    again, problems = parse_scripts([SourceFile(path=f"s.{form}", text=printed)], SCRIPT_LANGUAGES)
    assert not problems, (printed, problems)
    return again


@pytest.mark.parametrize("form", FORMATS)
@fewer
@given(screenplay=screenplays)
def test_parsing_what_is_printed_gives_the_same_screenplay(
    form: str, screenplay: Screenplay
) -> None:
    assert without_places(reread(screenplay, form)) == without_places(screenplay)


@fewer
@given(screenplay=screenplays)
def test_yaml_and_csv_give_the_same_records(screenplay: Screenplay) -> None:
    by_way_of_csv = reread(reread(screenplay, "csv"), "yaml")
    by_way_of_yaml = reread(reread(screenplay, "yaml"), "csv")
    assert without_places(by_way_of_csv) == without_places(by_way_of_yaml)


@settings(max_examples=150, deadline=None)
@given(word=words)
def test_a_scalar_means_the_text_it_was_written_for(word: str) -> None:
    (document,), problems = parse_yaml(SourceFile(path="s.yaml", text=f"key: {scalar(word)}\n"))
    assert not problems
    assert isinstance(document, YamlMapping)
    value = document.get("key")
    assert isinstance(value, YamlScalar)
    assert value.value == word
    assert not value.is_null


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(screenplay=screenplays)
def test_parsing_what_is_printed_gives_the_same_screenplay_hundreds_of_times(
    form: str, screenplay: Screenplay
) -> None:
    assert without_places(reread(screenplay, form)) == without_places(screenplay)
