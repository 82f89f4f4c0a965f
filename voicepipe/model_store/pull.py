"""Published models into the library: from the hub, or out of this package.

The only part of voicepipe that goes online. Bytes are compared with a hash before anything looks
into them.
"""

from __future__ import annotations

import errno
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from huggingface_hub import errors, get_hf_file_metadata, hf_hub_download, hf_hub_url

from voicepipe.errors import CorruptObject, EnvironmentFault, UsageError
from voicepipe.hashing import sha256_of_file
from voicepipe.model_store.library import DOWNLOAD
from voicepipe.model_store.lock import LockedModel, Source, Trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.model_store.library import ModelLibrary
    from voicepipe.model_store.registry import PublishedFile, PublishedModel

DEFAULT_ENDPOINT: Final = "https://huggingface.co"
EMBEDDED_FOLDER: Final = Path(__file__).with_name("embedded")
"""Of the models that come with voicepipe."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM)
_HTTP_LIBRARIES = ("requests", "httpx", "httpx2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What one pull did."""

    model: LockedModel
    is_new: bool
    """False when the library already held these bytes, and nothing was fetched."""


def pull_model(
    library: ModelLibrary,
    model: PublishedModel,
    *,
    endpoint: str = DEFAULT_ENDPOINT,
    revision: str = "",
) -> Pulled:
    """Fetch a published model, check its bytes, convert it, and pin it.

    Args:
        library: The project's.
        model: From the registry.
        endpoint: The hub, or a mirror of it.
        revision: Another revision than the registry's. Its hashes are not known beforehand: the
            hub's own are taken, written into the lock, and hold from then on.

    Raises:
        CorruptObject: The bytes are not those that were promised.
        EnvironmentFault: The hub cannot be reached, or does not have the file.
        CheckpointError: The bytes are as promised, but not a model.
        UsageError: Another revision of a model that comes with this package; or the library has
            another model of that name.
    """
    if model.is_embedded and revision:
        raise UsageError(
            f"{model.name} comes with voicepipe, in the one revision that this release brings",
            remedy="leave out --revision",
        )
    wanted = revision or model.revision
    held = {locked.name: locked for locked in library.models()}.get(model.name)
    if held is not None and not held.source.repository:
        raise UsageError(
            f'the library has a model "{model.name}" that was not pulled, from {held.source.file}',
            remedy=f"voicepipe models rm {model.name}, or import that file under another name",
        )
    if _holds(library, model, wanted):
        return Pulled(model=library.find(model.name), is_new=False)
    if model.is_embedded:
        return Pulled(model=_bring(library, model), is_new=True)
    library.sweep(keep=f".{model.name}{DOWNLOAD}")
    download = library.hold(f".{model.name}{DOWNLOAD}")
    try:
        fetched = [
            _fetch(model, file, download, endpoint=endpoint, revision=wanted)
            for file in model.files
        ]
        source = Source(
            file=model.weights.path,
            sha256=fetched[0].sha256,
            trust=fetched[0].trust,
            repository=model.repository,
            revision=wanted,
        )
        put = _keep if model.is_kept else _convert
        locked = put(library, model, fetched, source)
    finally:
        shutil.rmtree(download, ignore_errors=True)
    return Pulled(model=locked, is_new=True)


def _convert(
    library: ModelLibrary, model: PublishedModel, fetched: Sequence[_Fetched], source: Source
) -> LockedModel:
    from voicepipe.model_store.importing import import_file  # noqa: PLC0415 - imports torch

    weights, *companions = fetched
    return import_file(
        library,
        weights.path,
        name=model.name,
        family=model.family,
        companions=tuple(companion.path for companion in companions),
        source=source,
    )


def _keep(
    library: ModelLibrary, model: PublishedModel, fetched: Sequence[_Fetched], source: Source
) -> LockedModel:
    """Put files where they belong as they are: another library reads them."""
    built = library.prepare(model.name)
    try:
        for file in fetched:
            file.path.replace(built / file.path.name)
        return library.adopt(
            model.name, built, family=model.family.value, lora_rank=None, source=source
        )
    except OSError as error:
        msg = f"{error.filename or built}: {error.strerror or error}"
        raise EnvironmentFault(msg, remedy="check permissions and space") from error
    finally:
        shutil.rmtree(built, ignore_errors=True)


def _bring(library: ModelLibrary, model: PublishedModel) -> LockedModel:
    """Take a model out of this package; its description lies beside the weights."""
    from voicepipe.model_store.importing import import_file  # noqa: PLC0415 - as above

    for file in model.files:
        path = EMBEDDED_FOLDER / file.path
        found = sha256_of_file(path) if path.is_file() else "nothing"
        if found != file.sha256:
            msg = f"{path}: its bytes hash to {found}, and must to {file.sha256}"
            raise CorruptObject(msg, remedy="install voicepipe again; its files were changed")
    source = Source(
        file=model.weights.path,
        sha256=model.weights.sha256,
        trust=Trust.PINNED,
        repository=model.repository,
        revision=model.revision,
    )
    weights = EMBEDDED_FOLDER / model.weights.path
    return import_file(library, weights, name=model.name, family=model.family, source=source)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fetched:
    path: Path
    sha256: str
    trust: Trust


def _holds(library: ModelLibrary, model: PublishedModel, revision: str) -> bool:
    held = {locked.name: locked for locked in library.models()}.get(model.name)
    if held is None or held.source.revision != revision:
        return False
    if held.source.repository != model.repository:
        return False
    return all(verdict.is_intact for verdict in library.verify([model.name]))


def _fetch(
    model: PublishedModel, file: PublishedFile, folder: Path, *, endpoint: str, revision: str
) -> _Fetched:
    where = f"{endpoint}/{model.repository}@{revision}/{file.path}"
    is_pinned = revision == model.revision
    try:
        path = Path(
            hf_hub_download(
                model.repository,
                file.path,
                revision=revision,
                endpoint=endpoint,
                local_dir=folder,
                token=False,  # public files: nobody's key belongs at a mirror
            )
        )
        promised = file.sha256
        if not is_pinned:
            url = hf_hub_url(model.repository, file.path, revision=revision, endpoint=endpoint)
            promised = get_hf_file_metadata(url, token=False).etag or ""
    except _network_errors() as error:
        if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
            msg = f"{folder}: {error.strerror}"
            raise EnvironmentFault(
                msg, remedy="check the folder's permissions and space"
            ) from error
        first_line = (str(error).strip() or type(error).__name__).splitlines()[0]
        msg = f"{where}: {first_line}"
        raise EnvironmentFault(
            msg, remedy="check the connection, or give a mirror with --endpoint"
        ) from error
    found = sha256_of_file(path)
    # Small text files have no sha256 on the hub, so theirs is first known here.
    if _SHA256.fullmatch(promised) and found != promised:
        path.unlink()
        msg = f"{where}: its bytes hash to {found}, and must to {promised}"
        raise CorruptObject(msg, remedy="try again, or another endpoint; do not use these bytes")
    trust = Trust.PINNED if is_pinned else Trust.FIRST_USE
    return _Fetched(path=path, sha256=found, trust=trust)


def _network_errors() -> tuple[type[Exception], ...]:
    """The hub client's errors, and those of whichever HTTP library its release uses."""
    loaded = [sys.modules[name] for name in _HTTP_LIBRARIES if name in sys.modules]
    found = [module.HTTPError for module in loaded if hasattr(module, "HTTPError")]
    return (OSError, ValueError, errors.HfHubHTTPError, *found)
