"""The diagnostic codes of decisions: VP695-VP696."""

from __future__ import annotations

from typing import Final

from voicepipe.diagnostics import CodeInfo, Severity

BAD_DECISION: Final = CodeInfo(
    code="VP695",
    title="a decision that cannot be read",
    severity=Severity.ERROR,
    explanation=(
        "`decisions.csv` holds what people decided about single lines: takes, seeds, pins, and "
        "which text a recording speaks. It is read strictly, because a lost pin may cost a take "
        "that cannot be made again. voicepipe writes it; after a merge by hand, delete the lines "
        "with <<<<<<<, ======= and >>>>>>> and keep every row: of two rows about one line the one "
        "with the higher `change` holds. `decisions.csv merge=union` in `.gitattributes` lets Git "
        "do that by itself."
    ),
)
DECIDED_TWICE: Final = CodeInfo(
    code="VP696",
    title="a line is decided in two ways",
    severity=Severity.ERROR,
    explanation=(
        "Two people decided about the same line at the same time, and a merge kept both rows. "
        "Nobody but a person can choose: keep the row that is meant and delete the other one."
    ),
)

CODES: Final = (BAD_DECISION, DECIDED_TWICE)
