"""The codes only the whole line can find, and every code there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe import settings_codes
from voicepipe.bank import codes as bank_codes
from voicepipe.consent import codes as consent_codes
from voicepipe.diagnostics import CodeInfo, Severity
from voicepipe.documents import codes as document_codes
from voicepipe.engines import codes as engine_codes
from voicepipe.exporters import codes as exporter_codes
from voicepipe.qc import codes as qc_codes
from voicepipe.screenplay.codes import stories, syntax
from voicepipe.subtitles import codes as subtitle_codes
from voicepipe.text import codes as text_codes
from voicepipe.training import codes as training_codes
from voicepipe.voices import codes as voice_codes

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN_ENGINE: Final = CodeInfo(
    code="VP690",
    title="an engine that does not exist",
    severity=Severity.ERROR,
    explanation="`engine:` in a voice's file names what renders it: `scratch` (an instant\n"
    "placeholder) or `gpt-sovits` (a cloned voice). One is never used in place of the other.",
)
HARDLY_FITS: Final = CodeInfo(
    code="VP264",
    title="a line that will hardly fit its slot",
    severity=Severity.WARNING,
    explanation=(
        "A line that has a slot (`slot: 2.4s` in the script, or `timing: {fit: source}` in the "
        "settings: the speech of its clip in the source language) is sped up or slowed down, and "
        "its pauses are shortened or lengthened, as far as `timing:` allows. Of this line the "
        "phonemes tell that it will miss its slot all the same, by more than the tolerance. How "
        "fast a voice speaks is taken from its clips in the latest version, where there are any; "
        "of a line that has its clip already, the clip is measured.\n\n"
        "Shorten or lengthen the text by about what the help says, give the line another slot, or "
        "allow another pace. It is rendered all the same, as near to its slot as it comes, and "
        "then fails quality control as `off_slot`."
    ),
)
SCRATCH_IN_RELEASE: Final = CodeInfo(
    code="VP691",
    title="a placeholder voice in a release",
    severity=Severity.ERROR,
    explanation="With `--release` nothing may ship that the scratch engine speaks: its voice is\n"
    "for table-reads. Give the voice a model, record the lines, or render without `--release`.\n"
    "A line pinned to a placeholder's take is refused whatever voice it is cast with: unpin it.",
)
UNFIT_RECORDING: Final = CodeInfo(
    code="VP692",
    title="a recording that is not used",
    severity=Severity.WARNING,
    explanation="Files in the overrides folder are `<language>/<line>.wav`. This one names a\n"
    "language or a line the project does not have (usually a typing mistake, or a line that was\n"
    "renamed), is not a WAV, or is a link: the line would be spoken by its voice instead.",
)

UNUSABLE_RECORDING: Final = CodeInfo(
    code="VP693",
    title="a recording that cannot be used",
    severity=Severity.ERROR,
    explanation="A recording stands in for its line's take, so it has to be sound a player can be\n"
    "given: a WAV that can be decoded, at 16,000 Hz or more, neither silent nor overloaded.\n"
    "Export it again, or remove it: then the line is spoken by its voice.",
)
OUTDATED_RECORDING: Final = CodeInfo(
    code="VP694",
    title="a recording of an earlier text",
    severity=Severity.WARNING,
    explanation="When a recording is first seen, `decisions.csv` notes which text it speaks. The\n"
    "line's text has changed since: players would read one thing and hear another. Record the\n"
    "line anew; or, where the recording still fits (a comma was mended), confirm it with\n"
    "`voicepipe bank confirm LINE`. The clip's entry says `stale`, and `--release` refuses it.",
)

REJECTED_CLIP: Final = CodeInfo(
    code="VP720",
    title="a rejected sound in a release",
    severity=Severity.ERROR,
    explanation="A person heard this line and rejected how it sounds (`voicepipe decide reject`,\n"
    "or a review), and it still sounds so. With `--release` that is refused. Take it again\n"
    "(`voicepipe decide retake LINE`, then render), record it, or approve it after all. A\n"
    "rejection is about one sound: it lapses by itself when the line sounds otherwise.",
)
NEEDS_RECORDING: Final = CodeInfo(
    code="VP721",
    title="a line in a release that needs to be recorded",
    severity=Severity.ERROR,
    explanation="Somebody has to speak this line (`voicepipe decide rerecord`), a person said,\n"
    "and no recording has come since. With `--release` that is refused. Put the recording into\n"
    "the overrides folder, or approve what there is.",
)

OWN_CODES: Final = (
    HARDLY_FITS,
    UNKNOWN_ENGINE,
    SCRATCH_IN_RELEASE,
    UNFIT_RECORDING,
    UNUSABLE_RECORDING,
    OUTDATED_RECORDING,
    REJECTED_CLIP,
    NEEDS_RECORDING,
)

RELEASE_ERRORS: Final = frozenset(
    {
        "VP202",
        "VP203",
        "VP204",
        "VP205",
        "VP206",
        "VP207",
        "VP208",
        "VP243",
        "VP244",
        "VP245",
        "VP247",
        OUTDATED_RECORDING.code,
    }
)
"""Warnings that stop a release: what players would meet as silence, a wrong text or a dead end."""


def all_codes() -> Mapping[str, CodeInfo]:
    """Give every code, sorted."""
    rooms = (
        document_codes.CODES,
        syntax.CODES,
        stories.CODES,
        settings_codes.CODES,
        voice_codes.CODES,
        text_codes.CODES,
        consent_codes.CODES,
        engine_codes.CODES,
        training_codes.CODES,
        bank_codes.CODES,
        exporter_codes.CODES,
        qc_codes.CODES,
        subtitle_codes.CODES,
        OWN_CODES,
    )
    found = {info.code: info for codes in rooms for info in codes}
    return dict(sorted(found.items()))
