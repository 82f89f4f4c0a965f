"""What holds for every test."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from browser_tool import NO_BROWSER
from golden_vectors import MISSING, is_large
from hypothesis import settings
from outside_programs import MISSING_PROGRAM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.terminal import TerminalReporter

# The same examples every time, so that a red test is news about the change at hand;
# `VOICEPIPE_FUZZ=1` looks for new ones.
settings.register_profile("steady", derandomize=True)
settings.register_profile("exploring", print_blob=True)
settings.load_profile("exploring" if os.environ.get("VOICEPIPE_FUZZ") else "steady")


def pytest_configure() -> None:
    """Let signals mean something: a shell that runs us in the background has them ignored.

    Tests send them to commands they start, which inherit what is ignored here.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    hang_up = getattr(signal, "SIGHUP", None)
    if hang_up is not None and signal.getsignal(hang_up) is signal.SIG_IGN:
        signal.signal(hang_up, signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Neither read nor leave benches where the user keeps them, and listen only where asked to.

    Runs of pytest that tests begin are not measured.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SLIPCOVER_ENABLED", raising=False)
        patch.setenv("VOICEPIPE_QC", "off")
        patch.setenv("VOICEPIPE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Note with every comparison with the reference what it compares with."""
    for item in items:
        if item.get_closest_marker("parity") is not None:
            item.user_properties.append(("parity", "large" if is_large() else "subset"))
    _refuse_hidden_slowness(items)


def _refuse_hidden_slowness(items: list[pytest.Item]) -> None:
    """`make test` looks for slow tests in the files that say so by name."""
    for path in {item.path for item in items if item.get_closest_marker("slow") is not None}:
        if "mark.slow" not in path.read_text("utf-8"):
            msg = f"{path}: has slow tests, and does not say `pytest.mark.slow` itself"
            raise pytest.UsageError(msg)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say last what was compared with the reference, and what could not be run."""
    _tell_browser(terminalreporter)
    _tell_missing_programs(terminalreporter)
    _tell_parity(terminalreporter)


def _tell_browser(terminalreporter: TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    missing = [r.nodeid for r in skipped if NO_BROWSER in str(r.longrepr)]
    if missing:
        terminalreporter.section("opened in a browser")
        files = ", ".join(sorted({node.partition("::")[0] for node in missing}))
        terminalreporter.line(
            f"not run: {len(missing)} tests, for want of Chromium (`make browser`): {files}"
        )


def _tell_parity(terminalreporter: TerminalReporter) -> None:
    passed = terminalreporter.stats.get("passed", [])
    skipped = terminalreporter.stats.get("skipped", [])
    compared = [value for r in passed for name, value in r.user_properties if name == "parity"]
    missing = {str(r.longrepr[2]).split(MISSING)[1] for r in skipped if MISSING in str(r.longrepr)}
    if not compared and not missing:
        return
    terminalreporter.section("compared with the reference implementation")
    for kind, where in (("large", "the large vectors"), ("subset", "the committed part of them")):
        if kind in compared:
            terminalreporter.line(f"{compared.count(kind)} tests passed on {where}")
    if missing:
        n_tests = sum(MISSING in str(r.longrepr) for r in skipped)
        names = ", ".join(sorted(missing))
        terminalreporter.line(
            f"not run: {n_tests}, for want of large vectors ({len(missing)}: {names})"
        )


def _tell_missing_programs(terminalreporter: TerminalReporter) -> None:
    reports = terminalreporter.stats.get("skipped", [])
    missing: dict[str, list[str]] = {}
    for report in reports:
        _, found, program = str(report.longrepr).partition(MISSING_PROGRAM)
        if found:
            missing.setdefault(program.rstrip("')"), []).append(report.nodeid)
    if missing:
        terminalreporter.section("not run: programs that are not installed (make engines)")
        for program, tests in sorted(missing.items()):
            terminalreporter.line(f"{program}: {', '.join(sorted(tests))}")
