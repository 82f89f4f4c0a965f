"""Remedies name what this installation came from, never the index's package of our name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from voicepipe import installation
from voicepipe.installation import DISTRIBUTION, install_remedy

ROOT = Path(__file__).parents[1]
FROM_INDEX = re.compile(r"pip install[^\n`]*?[\s\"']voicepipe(-banks)?(\[|[\s\"'`.,)]|$)")


def test_a_checkout_is_installed_from_where_it_is() -> None:
    assert install_remedy("ray").endswith(f" -m pip install -e '{ROOT}[ray]'")
    assert install_remedy().endswith(f" -m pip install -e {ROOT}")
    assert install_remedy("ray", afresh=True).endswith(f" -e '{ROOT}[ray]' --force-reinstall")


@pytest.mark.parametrize(
    ("origin", "command"),
    [
        (
            '{"archive_info": {}, "url": "file:///a%20b/voicepipe_banks-0.1.0-py3-none-any.whl"}',
            "'/a b/voicepipe_banks-0.1.0-py3-none-any.whl[scratch]'",
        ),
        ('{"dir_info": {}, "url": "file:///src/voicepipe"}', "'/src/voicepipe[scratch]'"),
        (
            '{"archive_info": {}, "url": "https://files.example/v.whl"}',
            "'voicepipe-banks[scratch] @ https://files.example/v.whl'",
        ),
        (
            '{"vcs_info": {"vcs": "git", "commit_id": "abc"}, "url": "https://git.example/v"}',
            "'voicepipe-banks[scratch] @ git+https://git.example/v@abc'",
        ),
        (None, "'WHEEL[scratch]', where WHEEL is the file that voicepipe was installed from"),
    ],
    ids=["wheel", "folder", "address", "repository", "unknown"],
)
def test_an_installation_is_completed_from_what_it_came_from(
    origin: str | None, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = tmp_path / "site" / "voicepipe_banks-0.1.0.dist-info"
    facts.mkdir(parents=True)
    metadata = f"Metadata-Version: 2.1\nName: {DISTRIBUTION}\nVersion: 0.1.0\n"
    (facts / "METADATA").write_text(metadata)
    if origin is not None:
        (facts / "direct_url.json").write_text(origin)
    monkeypatch.syspath_prepend(str(facts.parent))
    monkeypatch.setattr(installation, "_CHECKOUT", facts.parent)
    assert install_remedy("scratch").partition(" -m pip install ")[2] == command


def test_the_distribution_has_the_name_that_remedies_use() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f'\nname = "{DISTRIBUTION}"\n' in project
    assert not re.search(r'"voicepipe\[', project)


def test_no_text_of_the_code_advises_the_index() -> None:
    paths = [p for room in ("cli", "voicepipe") for p in sorted((ROOT / room).rglob("*.py"))]
    assert paths
    assert [p.name for p in paths if FROM_INDEX.search(p.read_text("utf-8"))] == []
    assert FROM_INDEX.search('pip install "voicepipe[ray]"')
