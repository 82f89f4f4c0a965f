"""The diagnostic codes of consent, VP401-VP419."""

from __future__ import annotations

from typing import Final

from voicepipe.diagnostics import CodeInfo, Severity

NO_RECORD: Final = CodeInfo(
    code="VP401",
    title="the voice has no consent record",
    severity=Severity.ERROR,
    explanation=(
        "Nothing renders in a voice until its file says who is behind it and what that person "
        "allowed. A voice that belongs to nobody (formant synthesis, a generated voice) says so "
        "with `kind: synthetic`. The same holds for a take or a clip that was made before: when "
        "the file of its voice is gone, or another record has taken the place of its own, nothing "
        "covers it. Render the line again, or let its pin go.\n\n"
        "Right:\n"
        "    consent:\n"
        "      id: noah-2026\n"
        "      kind: actor\n"
        "      who: the performer's name\n"
        "      scope: [harbor]\n"
        "      languages: [zh, en]\n"
        "      from: 2026-01-01\n"
        "      until: 2028-12-31\n"
        "      evidence: voices/noah/consent.pdf\n"
        "      evidence_sha256: 64 hex digits"
    ),
)
REVOKED: Final = CodeInfo(
    code="VP402",
    title="consent for the voice was withdrawn",
    severity=Severity.ERROR,
    explanation=(
        "The person behind the voice has revoked it, and from that day nothing renders. Cast the "
        "speaker with another voice in `voices/cast.yaml`. `voicepipe voices revoke` lists the "
        "published files that still carry the voice.\n\n"
        "A revocation is also noted in `out/withdrawn/` and in the shared store, and stands "
        "whatever the voice's file says. Who agrees again gets a new record, with an id of its own."
    ),
)
NOT_YET: Final = CodeInfo(
    code="VP403",
    title="consent for the voice has not begun",
    severity=Severity.ERROR,
    explanation=(
        "The record's `from` lies in the future. Wait for that day, or correct the date if the "
        "signed paper says another."
    ),
)
EXPIRED: Final = CodeInfo(
    code="VP404",
    title="consent for the voice has run out",
    severity=Severity.ERROR,
    explanation=(
        "The last day the record allows (`until`, included) is over. Ask for an extension and "
        "record it, or cast the speaker with another voice. Published versions stay as they are; "
        "whether they may still ship is for the contract to say. The day asked about is this "
        "machine's, but never before the newest version's: if one was published by a clock that "
        "ran ahead, remove that version."
    ),
)
OUT_OF_SCOPE: Final = CodeInfo(
    code="VP405",
    title="consent does not cover this bank",
    severity=Severity.ERROR,
    explanation=(
        "`scope` names the banks the person agreed to; `*` stands for any. A voice given for one "
        "game is not free for the next. Training a model is another matter than being heard: it "
        "needs the word `training` in the scope, which `*` does not stand for.\n\n"
        "    wrong: scope: [harbor]      while voicepipe.yaml says  bank: lighthouse\n"
        "    right: scope: [harbor, lighthouse], once the person has agreed to it"
    ),
)
LANGUAGE_NOT_COVERED: Final = CodeInfo(
    code="VP406",
    title="consent does not cover this language",
    severity=Severity.ERROR,
    explanation=(
        "`languages` names those the person agreed to be heard in; `*` stands for any. Speaking a "
        "language in somebody's voice that they do not speak themselves needs their word too."
    ),
)
NO_EVIDENCE: Final = CodeInfo(
    code="VP407",
    title="an actor's consent without evidence",
    severity=Severity.ERROR,
    explanation=(
        "For a real person (`kind: actor`) the record names the signed paper and its sha256:\n\n"
        "    evidence: voices/noah/consent.pdf\n"
        "    evidence_sha256: 64 hex digits, as `sha256sum voices/noah/consent.pdf` prints them"
    ),
)
EVIDENCE_MISSING: Final = CodeInfo(
    code="VP408",
    title="the evidence of consent cannot be read",
    severity=Severity.ERROR,
    explanation=(
        "The signed paper lies in the project (in an encrypted folder, if need be) so that "
        "everybody who can render can also see that they may. Put the file where the record says, "
        "or correct the path."
    ),
)
EVIDENCE_CHANGED: Final = CodeInfo(
    code="VP409",
    title="the evidence of consent is another file",
    severity=Severity.ERROR,
    explanation=(
        "The file's sha256 is not the one in the record: the paper was replaced or edited after it "
        "was recorded. Restore it; or, when the new paper is right, read it, bring scope, "
        "languages and dates into line with it, and record its hash."
    ),
)
CONTRADICTION: Final = CodeInfo(
    code="VP410",
    title="the consent record contradicts itself",
    severity=Severity.ERROR,
    explanation=(
        "`until` lies before `from`, so that no day is covered. Dates are written YYYY-MM-DD."
    ),
)
ENDS_SOON: Final = CodeInfo(
    code="VP411",
    title="consent for the voice runs out soon",
    severity=Severity.WARNING,
    explanation=(
        "Less than thirty days are left. Lines rendered after the last day are refused, also late "
        "fixes: ask for an extension in time."
    ),
)

SUSPENDED: Final = CodeInfo(
    code="VP412",
    title="consent for the voice is suspended",
    severity=Severity.ERROR,
    explanation=(
        "Nothing new is made in a suspended voice: no take is rendered, nothing is said, no model "
        "is trained. Takes that were made before stay, and are published as they are, so the rest "
        "of the bank can move on. A line whose text, delivery or take number has changed needs a "
        "new take, and is refused.\n\n"
        "Undo the change, cast another voice, or, once the person agrees again, run "
        "`voicepipe voices resume VOICE`."
    ),
)
KIND_INCOMPLETE: Final = CodeInfo(
    code="VP413",
    title="the consent record lacks what its kind requires",
    severity=Severity.ERROR,
    explanation=(
        "Some voices need somebody else's word, or a narrower one:\n\n"
        "    kind: minor           guardian: who agreed, and `until`: a last day\n"
        "    kind: deceased        estate: who holds the rights and agreed\n"
        "    kind: public_figure   purpose: what the likeness is for; and banks in `scope`\n\n"
        "All of them name the signed paper (`evidence`, `evidence_sha256`), as an actor's does."
    ),
)
USE_NOT_COVERED: Final = CodeInfo(
    code="VP414",
    title="consent does not cover this use",
    severity=Severity.ERROR,
    explanation=(
        "Being heard in rendered lines, speaking while somebody plays, and being made a model of "
        "are agreed to one by one:\n\n"
        "    uses: [prerender]                       # banks\n"
        "    uses: [prerender, realtime, training]   # and the other two\n\n"
        "A record without `uses` covers banks; training, when `scope` holds the word; and never "
        "real-time use."
    ),
)
TERRITORY_NOT_COVERED: Final = CodeInfo(
    code="VP415",
    title="consent does not cover where the bank goes",
    severity=Severity.ERROR,
    explanation=(
        "The record's `territories` names the countries the person agreed to, and "
        "`territories` in voicepipe.yaml those the bank is published in. Where one record names "
        "countries, the project has to say its own.\n\n"
        "    voices/noah.yaml:  consent: {territories: [DE, AT, CH], …}\n"
        "    voicepipe.yaml:    territories: [DE, AT]"
    ),
)
LOG_BROKEN: Final = CodeInfo(
    code="VP416",
    title="a consent's log does not hold together",
    severity=Severity.ERROR,
    explanation=(
        "`<voice>.consent.jsonl` beside the voice's file says who changed the consent, and when. "
        "Each line holds the hash of the one before, so that no line can be edited or taken out "
        "without a trace. This one does not follow from those above it. Restore the file from "
        "version control; never edit it."
    ),
)
LOG_BEHIND: Final = CodeInfo(
    code="VP417",
    title="the consent record is not as its log says",
    severity=Severity.WARNING,
    explanation=(
        "The record was edited by hand after the last line of its log. If the change is right, "
        "say who made it and why:\n\n"
        '    voicepipe voices log VOICE --add "until prolonged by a year" --by NAME'
    ),
)
SUSPENDED_STAYS: Final = CodeInfo(
    code="VP418",
    title="a suspended voice is heard from earlier takes",
    severity=Severity.WARNING,
    explanation=(
        "The voice is suspended: no new take is made, and what was made before is published as it "
        "is. Lines that need a new take are refused (VP412)."
    ),
)

CODES: Final = (
    NO_RECORD,
    REVOKED,
    NOT_YET,
    EXPIRED,
    OUT_OF_SCOPE,
    LANGUAGE_NOT_COVERED,
    NO_EVIDENCE,
    EVIDENCE_MISSING,
    EVIDENCE_CHANGED,
    CONTRADICTION,
    ENDS_SOON,
    SUSPENDED,
    KIND_INCOMPLETE,
    USE_NOT_COVERED,
    TERRITORY_NOT_COVERED,
    LOG_BROKEN,
    LOG_BEHIND,
    SUSPENDED_STAYS,
)
"""Every code of this room."""
