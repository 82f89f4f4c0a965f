"""`voices/*.yaml` and `voices/cast.yaml` read, checked, and closed under their own references.

Files are hashed here, once a run, so that casting and planning never touch the disk.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from voicepipe.diagnostics import SourceSpan, did_you_mean
from voicepipe.documents.binding import BindingCodes, bind, span_at
from voicepipe.documents.findings import Findings
from voicepipe.documents.source import read_source
from voicepipe.documents.yaml_tree import YamlMapping, YamlScalar, iter_documents, node_span
from voicepipe.voices.codes import (
    BAD_VALUE,
    BAD_VOICE_NAME,
    MISSING_KEY,
    UNKNOWN_KEY,
    UNKNOWN_VOICE,
)
from voicepipe.voices.consent_logs import with_log
from voicepipe.voices.project_files import ProjectFiles
from voicepipe.voices.voice import VoiceId
from voicepipe.voices.voice_file import CastEntry, VoiceFile
from voicepipe.voices.voice_reading import checked_voice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.documents.source import SourceFile
    from voicepipe.documents.yaml_tree import YamlNode
    from voicepipe.settings import Settings
    from voicepipe.voices.voice import Voice

CAST_FILE: Final = "cast.yaml"
_VOICE_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_MAX_BYTES: Final = 1024 * 1024
_CODES: Final = BindingCodes(unknown_key=UNKNOWN_KEY, missing_key=MISSING_KEY, bad_value=BAD_VALUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Casting:
    """Who renders one speaker, as `cast.yaml` says it."""

    voice: VoiceId
    languages: Mapping[str, VoiceId] = field(default_factory=dict)
    emotions: Mapping[str, VoiceId] = field(default_factory=dict)
    span: SourceSpan
    """Of the speaker's name in `cast.yaml`."""

    def voice_for(self, language: str, emotion: str) -> VoiceId:
        """Choose: the language's own voice, else the emotion's, else the speaker's.

        The language comes first because an actor for a dub speaks all of its emotions.
        """
        return self.languages.get(language) or self.emotions.get(emotion) or self.voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Every voice of a project, and who is cast with which."""

    voices: Mapping[VoiceId, Voice]
    """Sorted by id; only those without errors in their files."""
    cast: Mapping[str, Casting]
    """By speaker; who is not here is rendered by the voice of the same name."""
    broken: frozenset[VoiceId] = frozenset()
    """Voices whose files have errors: reported once, there, and not again where they are used."""


def load_catalog(root: Path, settings: Settings) -> tuple[Catalog, tuple[Diagnostic, ...]]:
    """Read the voices folder.

    Args:
        root: The project root.
        settings: Name the folder.

    Returns:
        The catalog, and what is wrong. A missing folder is an empty catalog: the speakers who are
        not cast will say so.
    """
    findings = Findings()
    files = ProjectFiles(root, findings)
    voices: dict[VoiceId, Voice] = {}
    broken: set[VoiceId] = set()
    for name, path in _voice_files(root, settings.voices, findings):
        voice = _load_voice(root, name, path, files, findings)
        if voice is None:
            broken.add(name)
        else:
            voices[name] = voice
    cast = _load_cast(root, settings.voices, voices.keys() | broken, findings)
    return Catalog(voices=voices, cast=cast, broken=frozenset(broken)), findings.diagnostics()


def is_voice_name(name: str) -> bool:
    """Tell whether a voice may be called so: its file is of that name."""
    return _VOICE_NAME.fullmatch(name) is not None


def _voice_files(root: Path, folder: str, findings: Findings) -> Iterator[tuple[VoiceId, str]]:
    base = PurePosixPath(folder.replace("\\", "/"))
    names = sorted(path.name for path in (root / folder).glob("*") if not path.is_dir())
    for name in names:
        path = (base / name).as_posix()
        stem, _, extension = name.rpartition(".")
        if extension.lower() not in ("yaml", "yml") or name == CAST_FILE or name.startswith("."):
            continue
        if extension != "yaml" or not is_voice_name(stem):
            message = f'"{name}" cannot name a voice'
            remedy = "use lower-case letters, digits, _ and -, and end the name in .yaml"
            findings.add(BAD_VOICE_NAME, SourceSpan(path=path), message, remedy)
            continue
        yield VoiceId(stem), path


def _load_voice(
    root: Path, name: VoiceId, path: str, files: ProjectFiles, findings: Findings
) -> Voice | None:
    mine = Findings()
    loaded = _document(root, path, mine, 'add "engine: …" and a consent record')
    voice = None
    if loaded is not None:
        source, node = loaded
        entry = bind(source, node, VoiceFile, mine, _CODES)
        if entry is not None:
            with files.reporting_to(mine):
                voice = checked_voice(name, entry, source, node, files, mine)
                voice = with_log(root, path, voice, mine)
    findings.extend(mine.diagnostics())
    return None if mine.has_errors else voice


def _document(
    root: Path, path: str, findings: Findings, if_empty: str
) -> tuple[SourceFile, YamlNode] | None:
    """Read the one document of a file, or say why there is none."""
    source, problems = read_source(root, path, max_bytes=_MAX_BYTES)
    findings.extend(problems)
    if source is None:
        return None
    reading = Findings()
    documents = list(iter_documents(source, reading))
    if len(documents) > 1:
        span = node_span(source, documents[1])
        reading.add(BAD_VALUE, span, "the file is one document", 'remove the "---" before it')
    if not documents and not reading.has_errors:
        reading.add(MISSING_KEY, source.span(), f"{path} is empty", if_empty)
    findings.extend(reading.diagnostics())
    # What was left out while reading would be reported as missing.
    return None if reading.has_errors else (source, documents[0])


def _load_cast(
    root: Path, folder: str, known: set[VoiceId], findings: Findings
) -> dict[str, Casting]:
    path = (PurePosixPath(folder.replace("\\", "/")) / CAST_FILE).as_posix()
    if not (root / path).exists():
        return {}
    loaded = _document(root, path, findings, "remove it, or cast somebody: captain: noah")
    if loaded is None:
        return {}
    source, node = loaded
    if not isinstance(node, YamlMapping):
        findings.add(BAD_VALUE, node_span(source, node), "speakers and their voices belong here")
        return {}
    cast: dict[str, Casting] = {}
    for speaker, (key, value) in node.entries.items():
        casting = _casting(source, key, value, known, findings)
        if casting is not None:
            cast[speaker] = casting
    return cast


def _casting(
    source: SourceFile, key: YamlScalar, value: YamlNode, known: set[VoiceId], findings: Findings
) -> Casting | None:
    span = node_span(source, key)
    if isinstance(value, YamlScalar):
        _check_known(value.value, known, node_span(source, value), findings)
        return Casting(voice=VoiceId(value.value), span=span)
    entry = bind(source, value, CastEntry, findings, _CODES)
    if entry is None:
        return None
    _check_known(entry.voice, known, span_at(source, value, ("voice",)), findings)
    for part, chosen in (("languages", entry.languages), ("emotions", entry.emotions)):
        for name, voice in chosen.items():
            _check_known(voice, known, span_at(source, value, (part, name)), findings)
    return Casting(
        voice=VoiceId(entry.voice),
        languages={tag: VoiceId(voice) for tag, voice in entry.languages.items()},
        emotions={emotion: VoiceId(voice) for emotion, voice in entry.emotions.items()},
        span=span,
    )


def _check_known(voice: str, known: set[VoiceId], span: SourceSpan, findings: Findings) -> None:
    if voice not in known:
        message = f'there is no voice "{voice}"{did_you_mean(voice, known)}'
        findings.add(UNKNOWN_VOICE, span, message, f"add voices/{voice}.yaml, or correct the name")
