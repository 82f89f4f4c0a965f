"""What the network, the bucket or the credentials refused, said so that a person can mend it."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from voicepipe.errors import EnvironmentFault, VoicepipeError
from voicepipe.installation import install_remedy
from voicepipe.remote.address import redacted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicepipe.remote.address import StoreAddress

_EXTRAS: Final = {"s3": "s3", "gs": "gcs", "gcs": "gcs"}
_CREDENTIALS: Final = {
    "s3": "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, in the environment",
    "gs": "set GOOGLE_APPLICATION_CREDENTIALS in the environment",
    "gcs": "set GOOGLE_APPLICATION_CREDENTIALS in the environment",
    "file": "ask whoever owns the folder for the right to read and write in it",
}
_NO_CREDENTIALS: Final = frozenset(
    {"NoCredentialsError", "PartialCredentialsError", "DefaultCredentialsError"}
    | {"ProfileNotFound", "CredentialRetrievalError", "TokenRetrievalError", "RefreshError"}
)
_UNREACHED: Final = frozenset(
    {"ConnectionError", "TimeoutError", "HTTPClientError", "ClientConnectionError", "ClientOSError"}
    | {"EndpointConnectionError", "ConnectionClosedError", "ConnectTimeoutError", "gaierror"}
)
_FULL: Final = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
_LONGEST = 300


def not_installed(address: StoreAddress, error: ImportError) -> EnvironmentFault:
    """Say which package an address needs."""
    extra = _EXTRAS.get(address.scheme, "")
    return EnvironmentFault(
        f"{address.scheme}:// stores need a package that is not installed ({error})",
        remedy=install_remedy(extra),
    )


def not_there(address: StoreAddress) -> EnvironmentFault:
    """Say that there is no such bucket or folder; neither is ever made by us."""
    if address.scheme == "file":
        return EnvironmentFault(
            f"{address}: there is no such folder",
            remedy="mount it, or make it once by hand; a mount point is never filled by accident",
        )
    return EnvironmentFault(
        f'{address}: there is no bucket "{address.bucket}", or it may not be seen',
        remedy="make the bucket once by hand, or correct `store`",
    )


def fault_of(error: Exception, address: StoreAddress, doing: str) -> EnvironmentFault:
    """Put an error of a file system into words, without the secrets it may repeat."""
    kinds = {kind.__name__ for kind in _causes(error)}
    if isinstance(error, OSError) and error.errno in _FULL:
        return EnvironmentFault(
            f"{address}: no room is left ({doing})", remedy="free some space there, then run again"
        )
    if kinds & _NO_CREDENTIALS:
        return EnvironmentFault(
            f"{address}: no usable credentials were found ({doing})",
            remedy=_CREDENTIALS.get(address.scheme, ""),
        )
    if "PermissionError" in kinds:
        return EnvironmentFault(
            f"{address}: access is refused ({doing}: {_said(error)})",
            remedy=_CREDENTIALS.get(address.scheme, "")
            + "; they need the right to list, read, write and delete",
        )
    if kinds & _UNREACHED:
        return EnvironmentFault(
            f"{address}: the store cannot be reached ({doing}: {_said(error)})",
            remedy="look at the network and run again: finished takes are kept and shared then",
        )
    if "FileNotFoundError" in kinds:
        return not_there(address)
    return EnvironmentFault(
        f"{address}: {doing} failed ({_said(error)})",
        remedy="run again: finished takes are kept and shared then",
    )


def _causes(error: BaseException) -> Iterator[type[BaseException]]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield from type(error).__mro__
        following = error.__cause__ or error.__context__
        if following is None:
            return
        error = following


def _said(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return redacted(text)[:_LONGEST]


@contextmanager
def explained(address: StoreAddress, doing: str) -> Iterator[None]:
    """Turn whatever a file system raises inside into an `EnvironmentFault`.

    Raises:
        EnvironmentFault: The store refused, is not there, or cannot be reached.
    """
    try:
        yield
    except VoicepipeError:
        raise
    except Exception as error:  # every file system has errors of its own
        raise fault_of(error, address, doing) from error
