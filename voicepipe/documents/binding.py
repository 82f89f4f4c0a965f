"""From a tree of text to a checked record, with the place of everything that does not fit.

Knows pydantic; knows nothing of what the models mean. For small documents: a
hundred thousand lines of dialogue are read by hand-written readers instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from voicepipe.diagnostics import did_you_mean
from voicepipe.documents.findings import Findings
from voicepipe.documents.yaml_tree import YamlMapping, YamlScalar, YamlSequence, node_span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

    from voicepipe.diagnostics import CodeInfo, SourceSpan
    from voicepipe.documents.source import SourceFile
    from voicepipe.documents.yaml_tree import YamlNode

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]
"""The keys and list positions that lead to a value: `("audio", "sample_rate")`, `("clips", 0)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingCodes:
    """The codes a document reports under."""

    unknown_key: CodeInfo
    missing_key: CodeInfo
    bad_value: CodeInfo


def bind(
    source: SourceFile,
    node: YamlNode,
    model: type[Model],
    findings: Findings,
    codes: BindingCodes,
) -> Model | None:
    """Make a record of a document.

    Args:
        source: The file the tree came from.
        node: The tree. A key without a value counts as absent.
        model: What the document has to be; unknown keys are refused if the model refuses them.
        findings: Told everything that does not fit.
        codes: What to report it under.

    Returns:
        The record, or None when anything did not fit.
    """
    if not isinstance(node, YamlMapping):
        message = f"keys and values belong here, not {_shape(node)}"
        findings.add(codes.bad_value, node_span(source, node), message)
        return None
    try:
        return model.model_validate(plain_value(node))
    except ValidationError as error:
        misfits = Findings()
        for detail in error.errors(include_url=False):
            _Mismatch(source, node, model, detail).report(misfits, codes)
        in_order = sorted(misfits.diagnostics(), key=lambda d: (d.span.line, d.span.column))
        findings.extend(in_order)
        return None


def plain_value(node: YamlNode) -> Any:  # noqa: ANN401 - a document of any shape
    """The tree as lists, dictionaries and text; keys without a value are left out."""
    if isinstance(node, YamlScalar):
        return None if node.is_null else node.value
    if isinstance(node, YamlSequence):
        return [plain_value(item) for item in node.items]
    return {
        name: plain_value(value)
        for name, (_, value) in node.entries.items()
        if not (isinstance(value, YamlScalar) and value.is_null)
    }


def span_at(source: SourceFile, node: YamlNode, place: Iterable[str | int]) -> SourceSpan:
    """The place in the file of a value, or of the nearest thing around it that is there."""
    return node_span(source, _walk(node, place)[0])


def key_span(source: SourceFile, node: YamlNode, place: Iterable[str | int]) -> SourceSpan:
    """The place of the key that a value stands under, or of the nearest thing around it."""
    found, key = _walk(node, place)
    return node_span(source, key or found)


def _walk(node: YamlNode, place: Iterable[str | int]) -> tuple[YamlNode, YamlScalar | None]:
    """Follow a place as far as it leads, skipping parts that name types rather than keys."""
    key = None
    for part in place:
        if isinstance(node, YamlMapping) and part in node.entries:
            key, node = node.entries[str(part)]
        elif isinstance(node, YamlSequence) and isinstance(part, int) and part < len(node.items):
            key, node = None, node.items[part]
        elif isinstance(node, YamlScalar):
            break
    return node, key


class _Mismatch:
    """One thing pydantic refused, in our words."""

    def __init__(
        self, source: SourceFile, root: YamlNode, model: type[BaseModel], detail: ErrorDetails
    ) -> None:
        self._source = source
        self._root = root
        self._model = model
        self._detail = detail
        self._place: Place = detail["loc"]

    def report(self, findings: Findings, codes: BindingCodes) -> None:
        kind = self._detail["type"]
        name = next((part for part in reversed(self._place) if isinstance(part, str)), "")
        if kind == "extra_forbidden":
            known = _fields_at(self._model, self._place[:-1])
            message = f'unknown key "{name}"{did_you_mean(name, known)}'
            remedy = f"known keys: {', '.join(known)}"
            span = key_span(self._source, self._root, self._place)
            findings.add(codes.unknown_key, span, message, remedy)
        elif kind == "missing":
            span = key_span(self._source, self._root, self._place[:-1])
            findings.add(codes.missing_key, span, f'"{name}" is missing', f"add {name}: …")
        else:
            span = span_at(self._source, self._root, self._place)
            findings.add(codes.bad_value, span, self._words(kind, name))

    def _words(self, kind: str, name: str) -> str:
        ctx = self._detail.get("ctx", {})
        value = self._detail["input"]
        if kind in _LENGTHS:
            word, key = _LENGTHS[kind]
            return f"{name}: at {word} {ctx[key]} belong here"
        if not isinstance(value, str):
            wanted = _SHAPES.get(kind.partition("_")[0], "another shape")
            return f"{name}: {wanted} belongs here, not {_shape_of(value)}"
        if kind == "value_error":
            return f"{name}: {ctx['error']}"
        return f"{name}: {self._scalar_words(kind, value)}"

    def _scalar_words(self, kind: str, value: str) -> str:
        ctx = self._detail.get("ctx", {})
        if kind in _LIMITS:
            word, key = _LIMITS[kind]
            return f"{value} is too {word} {ctx[key]}"
        if kind in ("literal_error", "enum"):
            options = str(ctx["expected"]).replace("'", "")
            known = options.replace(" or ", ", ").split(", ")
            return f'"{value}" is not {options}{did_you_mean(value, known)}'
        return f'"{value}" is {_NOT.get(kind) or self._detail["msg"]}'


_LIMITS = {
    "greater_than": ("small; it has to be more than", "gt"),
    "greater_than_equal": ("small; the least is", "ge"),
    "less_than": ("large; it has to be less than", "lt"),
    "less_than_equal": ("large; the most is", "le"),
}
_LENGTHS = {"too_short": ("least", "min_length"), "too_long": ("most", "max_length")}
_NOT = {
    "int_parsing": "not a whole number",
    "int_from_float": "not a whole number",
    "int_parsing_size": "not a number that fits",
    "float_parsing": "not a number",
    "finite_number": "not a finite number",
    "bool_parsing": "neither true nor false",
    "list_type": "a text; a list belongs here",
    "tuple_type": "a text; a list belongs here",
    "dict_type": "a text; keys and values belong here",
    "model_type": "a text; keys and values belong here",
    "date_from_datetime_parsing": "not a date such as 2026-03-01",
    "date_parsing": "not a date such as 2026-03-01",
}
_SHAPES = {
    "string": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "dict": "a mapping",
    "model": "a mapping",
    "date": "a date",
    "literal": "a word",
}


def _shape(node: YamlNode) -> str:
    return _shape_of(plain_value(node))


def _shape_of(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, dict):
        return "keys and values"
    return "a list" if isinstance(value, list) else str(value)


def _fields_at(model: type[BaseModel], place: Place) -> tuple[str, ...]:
    """The names of the fields of the record at a place."""
    for part in place:
        field = model.model_fields.get(str(part))
        inner = None if field is None else _model_in(field.annotation)
        model = inner or model
    return tuple(field.alias or name for name, field in model.model_fields.items())


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The record inside `Record | None`, `tuple[Record, ...]` and their like."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(argument) for argument in get_args(annotation))
    return next((model for model in found if model is not None), None)
