"""The shapes of the mapping files. Unknown words are refused.

mappings/README.md describes them for those who write such files.
"""

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from psolink.mapping.dictionary import Clause, Element, Form, Group, Option
from psolink.mapping.systems import ANSWER, BY_NAME

_ID = validate.Regexp(
    r"^(DE\d+|local-[a-z]+(-[a-z]+)*)$", error="an id is DE and a number, or local-…"
)
_NAME = validate.Regexp(r"^[a-z]+(-[a-z]+)*$", error="a name is made of a-z and hyphens")
_LOINC = validate.Regexp(r"^(LA)?\d{1,7}-\d$", error="a LOINC code ends in a hyphen and a digit")
_FILLED = validate.Length(min=1)
_CARDINALITY = re.compile(r"^(\d+)\.\.(\d+|\*)$")


class OptionSchema(Schema):
    """One entry of `answers`."""

    code = fields.String(required=True, validate=_FILLED)
    label = fields.String(required=True, validate=_FILLED)
    loinc = fields.String(load_default=None, validate=_LOINC)
    system = fields.String(load_default=None, validate=validate.OneOf(BY_NAME))

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> Option:
        """Return the answer with the URL of its system."""
        return Option(**data | {"system": BY_NAME.get(data["system"], ANSWER)})


class ClauseSchema(Schema):
    """One entry of `when`: either `in` or `not_in`."""

    element = fields.String(required=True, validate=_ID)
    chosen = fields.List(fields.String(), data_key="in", load_default=(), validate=_FILLED)
    excluded = fields.List(fields.String(), data_key="not_in", load_default=(), validate=_FILLED)

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> Clause:
        """Return the clause."""
        if bool(data["chosen"]) == bool(data["excluded"]):
            raise ValidationError("a condition has either `in` or `not_in`")
        codes = tuple(data["chosen"] or data["excluded"])
        return Clause(data["element"], codes, excludes=bool(data["excluded"]))


class ElementSchema(Schema):
    """One entry of `elements`."""

    id = fields.String(required=True, validate=_ID)
    label = fields.String(required=True, validate=_FILLED)
    type = fields.String(
        required=True, validate=validate.OneOf(("string", "text", "date", "time", "choice"))
    )
    cardinality = fields.String(required=True, validate=validate.Regexp(_CARDINALITY))
    confidence = fields.String(
        required=True, validate=validate.OneOf(("verbatim", "reconstructed", "general"))
    )
    loinc = fields.String(load_default=None, validate=_LOINC)
    options = fields.List(fields.Nested(OptionSchema), data_key="answers", load_default=())
    when = fields.List(fields.Nested(ClauseSchema), load_default=())
    group = fields.String(load_default=None, validate=_NAME)
    other = fields.String(load_default=None)
    system = fields.String(load_default=None, validate=validate.OneOf(BY_NAME))
    identifying = fields.Boolean(load_default=False)
    note = fields.String(load_default=None, validate=_FILLED)

    @validates_schema(skip_on_field_errors=True)
    def check(self, data: dict[str, Any], **_: object) -> None:
        """Refuse answers that do not fit the type, and a free text without its answer."""
        codes = [option.code for option in data["options"]]
        if (data["type"] == "choice") != bool(codes):
            raise ValidationError("a choice has answers, and nothing else has", "answers")
        if len(set(codes)) < len(codes):
            raise ValidationError("two answers have the same code", "answers")
        if data["other"] is not None and data["other"] not in codes:
            raise ValidationError("no answer has this code", "other")

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> Element:
        """Return the element with its bounds as numbers and its system as URL."""
        low, high = data.pop("cardinality").split("..")
        data |= {"min": int(low), "max": None if high == "*" else int(high)}
        data |= {name: tuple(data[name]) for name in ("options", "when")}
        return Element(**data | {"system": BY_NAME.get(data["system"])})


class GroupSchema(Schema):
    """One entry of `groups`."""

    id = fields.String(required=True, validate=_NAME)
    label = fields.String(required=True, validate=_FILLED)
    loinc = fields.String(required=True, validate=_LOINC)
    max = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> Group:
        """Return the group."""
        return Group(**data)


class FormSchema(Schema):
    """A file below `dictionary/`."""

    name = fields.String(required=True, data_key="form", validate=_FILLED)
    title = fields.String(required=True, validate=_FILLED)
    version = fields.String(required=True, validate=_FILLED)
    loinc = fields.String(required=True, validate=_LOINC)
    when = fields.List(fields.Nested(ClauseSchema), load_default=())
    groups = fields.List(fields.Nested(GroupSchema), load_default=())
    elements = fields.List(fields.Nested(ElementSchema), required=True, validate=_FILLED)

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> Form:
        """Return the form."""
        return Form(**data | {name: tuple(data[name]) for name in ("when", "groups", "elements")})


class _OneOrMore(fields.List[str]):
    """A word, or a list of words."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:  # noqa: ANN401 - marshmallow's signature
        return super()._deserialize(
            [value] if isinstance(value, str) else value, attr, data, **kwargs
        )


class RuleSchema(Schema):
    """One entry of `rules`: the three words."""

    sources = _OneOrMore(fields.String(), required=True, data_key="from", validate=_FILLED)
    target = fields.String(required=True, data_key="to", validate=_FILLED)
    using = fields.String(required=True, validate=_FILLED)


class KeptSchema(Schema):
    """One entry of `kept`: answers that stay in the QuestionnaireResponse, and why."""

    sources = _OneOrMore(fields.String(), required=True, data_key="from", validate=_FILLED)
    because = fields.String(required=True, validate=_FILLED)


class RuleFileSchema(Schema):
    """A file below `rules/`."""

    target = fields.String(required=True, validate=_FILLED)
    for_each = fields.String(load_default=None, validate=_NAME)
    referenced_by = fields.String(load_default=None, validate=_FILLED)
    rules = fields.List(fields.Nested(RuleSchema), required=True, validate=_FILLED)
    kept = fields.List(fields.Nested(KeptSchema), load_default=())


class TranslationSchema(Schema):
    """One entry of `codes`."""

    source = fields.String(required=True, data_key="from", validate=_FILLED)
    code = fields.String(required=True, data_key="to", validate=_FILLED)
    display = fields.String(required=True, validate=_FILLED)
    equivalence = fields.String(
        required=True, validate=validate.OneOf(("equal", "equivalent", "wider"))
    )


class ConceptMapSchema(Schema):
    """A file below `concept-maps/`."""

    name = fields.String(required=True, validate=_NAME)
    title = fields.String(required=True, validate=_FILLED)
    target = fields.URL(required=True)
    codes = fields.List(fields.Nested(TranslationSchema), required=True, validate=_FILLED)
