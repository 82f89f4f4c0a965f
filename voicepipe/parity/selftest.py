"""Everything that can be proven without real weights, on this machine and device."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from voicepipe.errors import UsageError
from voicepipe.parity.networks import NETWORK_REPLAYS
from voicepipe.parity.replay import Measure, Vectors, read_json, replay_folder, replay_for
from voicepipe.parity.subset import DOCUMENTS_NAME, Subset, SubsetVectors
from voicepipe.parity.text import TEXT_BARS, symbol_share, text_shares
from voicepipe.parity.training import TRAINING_REPLAYS

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT_FILE, SYMBOLS_FILE = "text.json", "symbols.json"
# Recorded trainings hold a network's keys too, so they are asked first.
_REPLAYS = {**TRAINING_REPLAYS, **NETWORK_REPLAYS}
_KNOWN_FILES = frozenset({TEXT_FILE, SYMBOLS_FILE})


@dataclass(slots=True)
class Coverage:
    """What a folder of vectors holds; filled in by `replay_vectors`."""

    replayed: list[str] = field(default_factory=list)
    not_covered: list[str] = field(default_factory=list)


def replay_vectors(folder: Path, device: str, coverage: Coverage) -> Iterator[Measure]:
    """Replay every vector of a folder.

    Args:
        folder: Its sub-folders are networks, `text.json` and `symbols.json` may lie beside them; or
            a committed part, which has `documents.json.gz`.
        device: Where the networks run.
        coverage: Told what was replayed and what nothing here understands.

    Yields:
        Comparisons as they are made.

    Raises:
        UsageError: The folder is not there, holds nothing to replay, or is damaged.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: not a folder of vectors", remedy="give --vectors FOLDER")
    if torch.device(device).type == "cpu":
        torch.set_num_threads(1)
    if (folder / DOCUMENTS_NAME).is_file():
        yield from _replay_subset(Subset(folder), device, coverage)
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "_")) or (path.is_file() and path.suffix != ".json"):
            continue
        yield from _replay(path, device, coverage)
    if not coverage.replayed:
        raise UsageError(
            f"{folder}: holds nothing to replay",
            remedy="see docs/reference/gpt-sovits.md for the layout",
        )


def _replay_subset(subset: Subset, device: str, coverage: Coverage) -> Iterator[Measure]:
    """Replay a committed part; of its JSON files those that lie beside the folders, too."""
    for name in subset.names:
        yield from replay_any(SubsetVectors(subset, name, device), coverage)
    for name in sorted(_KNOWN_FILES & subset.documents.keys()):
        yield from _replay_document(Path(name), subset.documents[name])
        coverage.replayed.append(name)


def replay_any(vectors: Vectors, coverage: Coverage) -> Iterator[Measure]:
    """Replay one folder, or note that nothing understands it.

    Raises:
        UsageError: It is damaged.
    """
    if replay_for(vectors, _REPLAYS) is None:
        coverage.not_covered.append(vectors.name)
        return
    yield from replay_folder(vectors, _REPLAYS)
    coverage.replayed.append(vectors.name)


def _replay(path: Path, device: str, coverage: Coverage) -> Iterator[Measure]:
    if path.is_dir():
        yield from replay_any(Vectors(path, device), coverage)
        return
    if path.name not in _KNOWN_FILES:
        coverage.not_covered.append(path.name)
        return
    try:
        document = read_json(path)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be replayed: {error!r}") from error
    yield from _replay_document(path, document)
    coverage.replayed.append(path.name)


def _replay_document(path: Path, document: Any) -> Iterator[Measure]:  # noqa: ANN401 - any JSON
    try:
        if path.name == SYMBOLS_FILE:
            for version, symbols in document.items():
                share = symbol_share(version, symbols)
                yield _share(path, f"symbols {version}", share, 1.0, f"{len(symbols)} symbols")
            return
        for language, share, count in text_shares(document):
            bar = TEXT_BARS.get(language, 0.9)
            yield _share(path, f"ids {language}", share, bar, f"{count} texts")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path}: cannot be replayed: {error!r}") from error


def _share(path: Path, what: str, found: float, bar: float, note: str) -> Measure:
    return Measure(folder=path.name, what=what, found=found, bar=bar, is_share=True, note=note)
