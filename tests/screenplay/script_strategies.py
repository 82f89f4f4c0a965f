"""Random screenplays that are free of mistakes, for properties."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from hypothesis import strategies as st

from voicepipe.diagnostics import SourceSpan
from voicepipe.screenplay.formats.values import ScriptLanguages, foreign_id_problem, id_problem
from voicepipe.screenplay.markup import find_markup
from voicepipe.screenplay.syntax import (
    EVERY_LANGUAGE,
    BarkSet,
    Choice,
    Detour,
    DialogueLine,
    Effect,
    EntryPattern,
    Expression,
    Jump,
    Language,
    LineId,
    Node,
    Option,
    Remark,
    Scene,
    Screenplay,
    SourceText,
    Speaker,
    SpeakerId,
    Variable,
)

NOWHERE = SourceSpan(path="nowhere")
LANGUAGES = ("zh", "en", "pt-br", "no")
SCRIPT_LANGUAGES = ScriptLanguages(source=Language("zh"))

ids = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(lambda w: not id_problem(w))
_letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn"))
# Characters that mean something to YAML, to CSV or to marks come up often.
_awkward = st.sampled_from(list(" :#-?,&*!|>'\"%@`~;=\n\t…。no1"))
words = (
    st.text(st.one_of(_letters, _awkward), max_size=20)
    .map(lambda text: text.replace("\ufeff", "").strip())
    .filter(lambda text: bool(text) and not any(mark in text for mark in "[]{}［］"))
    .filter(lambda text: not find_markup(text))
)
marked = st.sampled_from(
    [
        "[pause:400ms]Go",
        "Wait… [emotion:sad]no.",
        "[energy:+3dB]You [stress]took[/stress] it",
        "{player}, hi",
        "{{x}}",
        "[laughs] ok",
        "- a: b",
    ]
)
texts = st.dictionaries(
    st.sampled_from(LANGUAGES).map(Language),
    st.one_of(words, marked).map(lambda raw: SourceText(raw=raw, span=NOWHERE)),
    max_size=3,
)
names = st.dictionaries(st.sampled_from(LANGUAGES).map(Language), words, max_size=2)
notes = st.one_of(st.just(""), words)
maybe_id = st.one_of(st.just(""), ids)
conditions = st.one_of(
    st.none(),
    st.sampled_from(["trust < 3", "exposed", "not (a and b) or c == -1"]).map(
        lambda raw: Expression(raw=raw, span=NOWHERE)
    ),
)
_assignment = st.sampled_from(["trust -= 1", "exposed = true", "a = b if c > 1"]).map(
    lambda raw: Expression(raw=raw, span=NOWHERE)
)
some_assignments = st.one_of(st.tuples(_assignment), st.tuples(_assignment, _assignment))
assignments = st.one_of(st.just(()), some_assignments)
foreign_ids = st.one_of(
    ids,
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_]{0,8}", fullmatch=True).filter(
        lambda word: not foreign_id_problem(word)
    ),
)
ways = st.one_of(foreign_ids, st.tuples(foreign_ids, foreign_ids).map(".".join))
targets = st.one_of(st.sampled_from(["END", "RETURN"]), ways)
speeds = st.one_of(st.just(1.0), st.integers(50, 200).map(lambda n: n / 100))
slots = st.dictionaries(
    st.sampled_from([EVERY_LANGUAGE, "en", "zh"]), st.integers(1, 1200).map(lambda n: n / 10)
)
span = st.just(NOWHERE)


def _dialogue(**more: Any) -> st.SearchStrategy[DialogueLine]:
    return st.builds(
        DialogueLine,
        id=st.one_of(st.just(""), foreign_ids).map(LineId),
        who=ids.map(SpeakerId),
        texts=texts,
        emotion=maybe_id,
        speed=speeds,
        slots=slots,
        note=notes,
        tags=st.lists(foreign_ids, max_size=2).map(tuple),
        span=span,
        **more,
    )


_voiced = _dialogue(comment=notes, when=conditions)
lines = st.one_of(
    _voiced,
    st.builds(
        lambda line, who: replace(line, who=who, is_voiced=False),
        _voiced,
        maybe_id.map(SpeakerId),
    ),
)


@st.composite
def options(draw: st.DrawFn) -> Option:
    """An option, voiced or not; a voiced one is spoken with the words it shows."""
    said = draw(texts)
    voice = draw(st.one_of(st.none(), _dialogue(comment=st.just(""), when=st.none())))
    if voice is not None:
        voice = DialogueLine(
            id=voice.id,
            who=voice.who,
            texts=said,
            emotion=voice.emotion,
            speed=voice.speed,
            slots=voice.slots,
            note=voice.note,
            tags=voice.tags,
            is_voiced=draw(st.booleans()),
            span=NOWHERE,
        )
    return Option(
        texts=said,
        goto=draw(targets),
        goto_span=NOWHERE,
        when=draw(conditions),
        effects=draw(assignments),
        line=voice,
        is_once=draw(st.booleans()),
        comment=draw(notes),
        span=NOWHERE,
    )


entries = st.one_of(
    lines,
    st.builds(
        Choice,
        options=st.one_of(st.tuples(options()), st.tuples(options(), options())),
        span=span,
    ),
    st.builds(Jump, target=targets, when=conditions, span=span),
    st.builds(Detour, target=ways, when=conditions, span=span),
    st.builds(Effect, assignments=some_assignments, span=span),
    st.builds(Remark, text=words, span=span),
)
nodes = st.builds(
    Node,
    id=foreign_ids,
    entries=st.lists(entries, max_size=4).map(tuple),
    is_entry=st.booleans(),
    span=span,
)
bark_sets = st.builds(
    BarkSet, id=foreign_ids, lines=st.lists(lines, max_size=2).map(tuple), note=notes, span=span
)
scenes = st.builds(
    Scene,
    id=foreign_ids,
    title=notes,
    note=notes,
    start=maybe_id,
    is_entry=st.booleans(),
    nodes=st.lists(nodes, max_size=3, unique_by=lambda node: node.id).map(tuple),
    barks=st.lists(bark_sets, max_size=2, unique_by=lambda barks: barks.id).map(tuple),
    span=span,
)
speakers = st.builds(
    Speaker,
    id=ids.map(SpeakerId),
    names=names,
    members=st.lists(ids.map(SpeakerId), max_size=2).map(tuple),
    is_narrator=st.booleans(),
    note=notes,
    span=span,
)
bounds = st.one_of(st.none(), st.integers(-999, 999))
variables = st.builds(
    Variable,
    name=ids,
    kind=st.sampled_from(["int", "bool", "text"]),
    start=st.sampled_from(["", "2", "-1", "true", "ada"]),
    minimum=bounds,
    maximum=bounds,
    values=st.dictionaries(st.one_of(foreign_ids, st.just("-3")), names, max_size=2),
    spoken=names,
    span=span,
)
screenplays = st.builds(
    Screenplay,
    scenes=st.lists(scenes, max_size=3, unique_by=lambda scene: scene.id).map(tuple),
    speakers=st.lists(speakers, max_size=2, unique_by=lambda s: s.id).map(tuple),
    variables=st.lists(variables, max_size=2, unique_by=lambda v: v.name).map(tuple),
    start=maybe_id,
    entries=st.lists(
        st.sampled_from(["npc_*", "town.npc_*", "a"]).map(
            lambda pattern: EntryPattern(pattern=pattern, span=NOWHERE)
        ),
        max_size=2,
    ).map(tuple),
)


def without_places(value: Any) -> Any:
    """The same records with every place left out, as plain values that compare."""
    if is_dataclass(value) and not isinstance(value, type):
        kept = (f.name for f in fields(value) if not f.name.endswith("span"))
        return (type(value).__name__, {name: without_places(getattr(value, name)) for name in kept})
    if isinstance(value, dict):
        return {key: without_places(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [without_places(item) for item in value]
    return value
