"""The base of every record that is bound to a part of a user's file."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema


class Section(BaseModel):
    """Refuses unknown keys and numbers that are none; its docstrings end up in the schema."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> dict[str, Any]:
        """Say in the schema what the docstrings under the fields say.

        Only here: every command would pay for reading its own sources.
        """
        document = handler(core_schema)
        properties = handler.resolve_ref_schema(document).get("properties", {})
        for name, field in cls.model_fields.items():
            said = None if field.description else _said_of(cls, name)
            key = field.alias if field.alias in properties else name
            if said and key in properties:
                properties[key] = {**properties[key], "description": said}
        return document


def _said_of(section: type[BaseModel], name: str) -> str | None:
    owners = (kind for kind in section.__mro__ if name in vars(kind).get("__annotations__", {}))
    return _docstrings(next(owners)).get(name)


@cache
def _docstrings(section: type) -> Mapping[str, str]:
    """Read the docstrings under the fields of a class."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(section))).body
    assert isinstance(definition, ast.ClassDef)
    found: dict[str, str] = {}
    for field, said in zip(definition.body, definition.body[1:], strict=False):
        name = field.target if isinstance(field, ast.AnnAssign) else None
        text = said.value if isinstance(said, ast.Expr) else None
        if isinstance(name, ast.Name) and isinstance(text, ast.Constant):
            found[name.id] = inspect.cleandoc(str(text.value))
    return found
