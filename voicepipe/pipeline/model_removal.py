"""Removing models from a project, and which voices stand in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.diagnostics import Severity
from voicepipe.documents.source import read_source
from voicepipe.documents.yaml_tree import YamlMapping, YamlScalar, parse_yaml
from voicepipe.errors import InputError, UsageError
from voicepipe.model_store.library import ModelLibrary
from voicepipe.settings import SETTINGS_FILE, load_settings
from voicepipe.synthesis.file_hashes import FileHashes
from voicepipe.synthesis.voice_models import ModelFinder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.settings import Settings


def remove_models(root: Path, names: Sequence[str]) -> tuple[str, ...]:
    """Remove models that no voice of the project uses.

    Args:
        root: The project.
        names: As the lock has them; each is removed once.

    Raises:
        UsageError: The lock does not name one of them, or a voice uses it, by name or because its
            family needs it. Nothing is removed then.
        InputError: The settings, the lock or a voice file cannot be read.
        EnvironmentFault: Something cannot be removed.
    """
    settings, problems = load_settings(root)
    if settings is None:
        raise InputError(
            f"{SETTINGS_FILE} cannot be used, so it is not known which voices there are",
            remedy="correct it first",
            diagnostics=problems,
            root=root,
        )
    library = ModelLibrary(root)
    wanted = tuple(dict.fromkeys(library.find(name).name for name in names))
    finder = ModelFinder(root, FileHashes(root / settings.out))
    tables, problems = _model_tables(root, settings)
    errors = tuple(p for p in problems if p.severity is Severity.ERROR)
    if errors:
        raise InputError(
            "voice files cannot be read, so it is not known which models they use",
            remedy="correct them first; nothing was removed",
            diagnostics=errors,
            root=root,
        )
    for voice, model in tables:
        files = finder.find(model).files.values()
        used = {file.name for file in files} | set(model.values())
        for name in wanted:
            if name in used or f"models/{name}/model.safetensors" in used:
                raise UsageError(
                    f"{name} is used by {settings.voices}/{voice}.yaml",
                    remedy="give that voice another model first; nothing was removed",
                )
    for name in wanted:
        library.discard(name)
    return wanted


def voices_naming(root: Path, settings: Settings, names: tuple[str, ...]) -> list[str]:
    """Name the voices whose `model:` table holds one of the names."""
    if not names:
        return []
    tables, _ = _model_tables(root, settings)
    return [voice for voice, model in tables if set(model.values()) & set(names)]


def _model_tables(
    root: Path, settings: Settings
) -> tuple[list[tuple[str, Mapping[str, str]]], list[Diagnostic]]:
    """Read what voice files say of models; a file with other faults still uses its models."""
    tables: list[tuple[str, Mapping[str, str]]] = []
    problems: list[Diagnostic] = []
    for path in sorted((root / settings.voices).glob("*.yaml")):
        source, unread = read_source(root, f"{settings.voices}/{path.name}")
        documents, unparsed = ((), ()) if source is None else parse_yaml(source)
        problems += [*unread, *unparsed]
        for document in documents:
            table = document.get("model") if isinstance(document, YamlMapping) else None
            if isinstance(table, YamlMapping):
                entries = {key: value for key, (_, value) in table.entries.items()}
                named = {k: str(v.value) for k, v in entries.items() if isinstance(v, YamlScalar)}
                tables.append((path.stem, named))
    return tables, problems
