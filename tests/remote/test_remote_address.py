"""Addresses: which are taken, and what is shown of the others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from voicepipe.errors import UsageError
from voicepipe.remote.address import parse_address, redacted


@pytest.mark.parametrize(
    ("text", "url", "root"),
    [
        ("s3://bucket/voice/takes/", "s3://bucket/voice/takes", "bucket/voice/takes"),
        ("s3://bucket", "s3://bucket", "bucket"),
        ("gs://my.bucket//a", "gs://my.bucket/a", "my.bucket/a"),
        ("memory://x/y", "memory://x/y", "x/y"),
    ],
)
def test_buckets(text: str, url: str, root: str) -> None:
    address = parse_address(text)
    assert (str(address), address.root) == (url, root)
    assert address.bucket == root.split("/", maxsplit=1)[0]


@pytest.mark.skipif(os.name == "nt", reason="paths of POSIX systems")
def test_folders() -> None:
    address = parse_address("file:///mnt/shared%20takes/")
    assert (address.url, address.root) == ("file:///mnt/shared%20takes", "/mnt/shared takes")
    assert parse_address("file://localhost/mnt/x").root == "/mnt/x"


@pytest.mark.parametrize(
    "text",
    [
        "bucket/prefix",
        "ftp://host/x",
        "http://host/x",
        "s3://",
        "s3:///",
        "file://relative/x",
        "s3://bucket/../other",
        "s3://bucket/*",
        "s3://bucket/a[1]",
        "simplecache::s3://bucket/x",
        "s3://[bad/x",
    ],
)
def test_other_words_are_no_address(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_address(text)
    assert "s3://bucket/prefix" in refused.value.remedy


@pytest.mark.parametrize(
    "text", ["s3://AKIA:geheim@bucket/x", "s3://bucket/x?key=geheim", "gs://geheim@bucket/x"]
)
def test_credentials_in_an_address_are_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_address(text)
    assert "environment" in refused.value.remedy
    assert "geheim" not in refused.value.message + refused.value.remedy


def test_secrets_are_taken_out_of_any_text() -> None:
    text = 'cannot reach "http://me:geheim@host:9000/b?X-Amz-Signature=geheim" or s3://b/c'
    assert redacted(text) == 'cannot reach "http://…@host:9000/b or s3://b/c'


def test_addresses_have_names_of_their_own(tmp_path: Path) -> None:
    one, other = parse_address("s3://a/b"), parse_address("s3://a/c")
    assert one.digest != other.digest
    assert parse_address(tmp_path.as_uri()).root == str(tmp_path)
