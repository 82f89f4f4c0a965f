"""The forms a kind of record has had, and bringing an old one up to date in memory.

A field that is added with a default needs no new number: older records do not have it, and older
programs pass over it. A number is for what an older program would misunderstand. Nothing that is
read is rewritten, and nothing that a newer program wrote is taken for damage.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voicepipe.errors import MadeByNewer

if TYPE_CHECKING:
    from collections.abc import Mapping

Upgrade = Callable[["Mapping[str, Any]"], dict[str, Any]]
"""Turns the fields of one schema into those of the next; what it does not know it keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """One kind of record through time."""

    what: str
    """For messages: `the record of a take`."""
    upgrades: tuple[Upgrade, ...] = ()
    """The first turns schema 1 into schema 2, and so on; kept for good."""

    @property
    def number(self) -> int:
        """The schema that is written now."""
        return len(self.upgrades) + 1

    def bring_up(self, facts: object, where: str) -> tuple[dict[str, Any], str]:
        """Turn a document of any schema we ever wrote into one of the present schema.

        Args:
            facts: As JSON gave them.
            where: The file, for messages.

        Returns:
            The fields without `schema`, and nothing; or no fields and what is wrong.

        Raises:
            MadeByNewer: Its schema is one that this release does not know.
        """
        if not isinstance(facts, dict):
            return {}, f"{self.what} is not a JSON object"
        number = facts.get("schema")
        if type(number) is not int or number < 1:
            return {}, f'{self.what} has no "schema" number from 1 to {self.number}'
        if number > self.number:
            raise newer(self.what, where, number, self.number)
        fields = {name: value for name, value in facts.items() if name != "schema"}
        try:
            for upgrade in self.upgrades[number - 1 :]:
                fields = upgrade(fields)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            return {}, f"{self.what} is not of schema {number} ({type(error).__name__}: {error})"
        return fields, ""


def newer(what: str, where: str, number: int, known: int) -> MadeByNewer:
    """Say that a file was made by a newer voicepipe."""
    return MadeByNewer(
        f"{where}: {what} was made by a newer voicepipe (schema {number}, this release knows"
        f" {known}); it was left as it is",
        remedy="use the voicepipe release that wrote it, or a newer one",
    )
