"""Updates: replacement documents and update operators, and what an upsert inserts.

https://www.mongodb.com/docs/manual/reference/method/db.collection.updateOne/
"""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from bson import ObjectId, Regex

from psolink.embedded import ordering, places
from psolink.embedded.documents import MISSING, Document, decode, encode
from psolink.embedded.errors import Code, CommandError, not_implemented
from psolink.embedded.matcher import is_operators
from psolink.embedded.paths import ID, Parts
from psolink.embedded.update_operators import OPERATORS


class Update(Protocol):
    """How a document is changed."""

    def apply(self, document: Document, *, inserting: bool) -> Document:
        """Return the document after the update; `document` itself may be changed."""
        ...


@dataclass(frozen=True, slots=True)
class Replacement:
    """Everything but `_id` gives way to `content`."""

    content: Document

    def apply(self, document: Document, *, inserting: bool) -> Document:  # noqa: ARG002 - protocol
        """Return the content under the document's `_id`."""
        if ID not in document:
            return dict(self.content)
        rest = {name: value for name, value in self.content.items() if name != ID}
        return {ID: self.content.get(ID, document[ID]), **rest}


@dataclass(frozen=True, slots=True)
class Modification:
    """One operator on one path."""

    name: str
    parts: Parts
    operand: object

    def apply(self, document: Document, *, inserting: bool) -> None:
        """Change the document."""
        if self.name == "$setOnInsert" and not inserting:
            return
        current = places.get(document, self.parts)
        # The operand stays as it is, however often the update is applied.
        changed = OPERATORS[self.name](current, _copy(self.operand))
        if changed is not MISSING:
            places.put(document, self.parts, changed)
        elif current is not MISSING:
            places.remove(document, self.parts)


@dataclass(frozen=True, slots=True)
class Rename:
    """A field gets another path."""

    source: Parts
    parts: Parts

    def apply(self, document: Document, *, inserting: bool) -> None:  # noqa: ARG002 - as Modification
        """Change the document."""
        if places.passes_array(document, self.source) or places.passes_array(document, self.parts):
            raise CommandError(Code.BadValue, "$rename cannot pass an array")
        value = places.get(document, self.source)
        if value is not MISSING:
            places.remove(document, self.source)
            places.put(document, self.parts, value)


@dataclass(frozen=True, slots=True)
class Modifications:
    """Update operators, in the order of their paths."""

    steps: tuple[Modification | Rename, ...]

    def apply(self, document: Document, *, inserting: bool) -> Document:
        """Return the document with every operator applied."""
        for step in self.steps:
            step.apply(document, inserting=inserting)
        return document


def compile_update(update: object) -> Update:
    """Return the update that a command asks for."""
    if isinstance(update, list):
        raise not_implemented("an update with an aggregation pipeline")
    if not isinstance(update, dict):
        raise CommandError(Code.FailedToParse, "an update has to be a document")
    if not is_operators(update):
        return Replacement(update)
    steps = list(_steps(update))
    _refuse_conflicts(steps)
    return Modifications(tuple(sorted(steps, key=lambda step: _rank(step.parts))))


def _steps(update: Mapping[str, object]) -> Iterator[Modification | Rename]:
    for name, fields in update.items():
        if name not in OPERATORS and name != "$rename":
            raise CommandError(Code.FailedToParse, f"Unknown modifier: {name}")
        if not isinstance(fields, dict):
            raise CommandError(
                Code.FailedToParse, f"Modifiers operate on fields; {name} needs a document"
            )
        for path, operand in fields.items():
            parts = places.parse(path)
            if name != "$rename":
                yield Modification(name, parts, operand)
            elif isinstance(operand, str):
                yield Rename(parts, places.parse(operand))
            else:
                raise CommandError(Code.BadValue, "The 'to' field for $rename must be a string")


def _refuse_conflicts(steps: list[Modification | Rename]) -> None:
    taken = sorted(
        parts
        for step in steps
        for parts in ([step.parts] if isinstance(step, Modification) else [step.source, step.parts])
    )
    for one, other in itertools.pairwise(taken):
        if other[: len(one)] == one:
            raise CommandError(
                Code.ConflictingUpdateOperators,
                f"Updating the path '{'.'.join(other)}' would create a conflict at "
                f"'{'.'.join(one)}'",
            )


def _rank(parts: Parts) -> list[tuple[int, int, str]]:
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def _copy(operand: object) -> object:
    return decode(encode({"": operand}))[""] if isinstance(operand, dict | list) else operand


def upserted(query: Mapping[str, object], update: Update) -> Document:
    """Return the document that is inserted because nothing matches `query`."""
    document: Document = {}
    for path, value in _equalities(query):
        parts = places.parse(path)
        if places.get(document, parts) is not MISSING:
            raise CommandError(
                Code.NotSingleValueField, f"cannot infer the value of '{path}': it is given twice"
            )
        places.put(document, parts, _copy(value))
    if isinstance(update, Replacement):
        document = {ID: document[ID]} if ID in document else {}
    expected = document.get(ID, MISSING)
    document = update.apply(document, inserting=True)
    if expected is not MISSING:
        refuse_changed_id(expected, document)
    identity = document.pop(ID, MISSING)
    return {ID: ObjectId() if identity is MISSING else identity, **document}


def refuse_changed_id(before: object, document: Document) -> None:
    """Refuse an update that gives a document another `_id`."""
    after = document.get(ID, MISSING)
    if after is MISSING or ordering.key(after) != ordering.key(before):
        raise CommandError(
            Code.ImmutableField,
            "After applying the update, the (immutable) field '_id' was found to have been altered",
        )


def _equalities(query: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Return the paths that the query holds to one value."""
    for name, operand in query.items():
        if name == "$and" and isinstance(operand, list):
            for branch in operand:
                yield from _equalities(branch)
        elif name == "$or" and isinstance(operand, list) and len(operand) == 1:
            yield from _equalities(operand[0])
        elif not name.startswith("$") and not isinstance(operand, Regex):
            yield from _equality(name, operand)


def _equality(path: str, operand: object) -> Iterator[tuple[str, object]]:
    if not isinstance(operand, dict) or not is_operators(operand):
        yield path, operand
    elif "$eq" in operand:
        yield path, operand["$eq"]
    else:
        several = operand["$in"] if "$in" in operand else operand.get("$all", [])
        if len(several) == 1 and not isinstance(several[0], Regex) and not is_operators(several[0]):
            yield path, several[0]
