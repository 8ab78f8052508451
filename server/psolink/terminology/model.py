"""Code systems, value sets and concept maps, as far as the operations on them read them.

https://hl7.org/fhir/R4/codesystem.html, https://hl7.org/fhir/R4/valueset.html and
https://hl7.org/fhir/R4/conceptmap.html
"""

from decimal import Decimal

from msgspec import Struct

from psolink.fhir_json import JsonObject


class PropertyValue(Struct, frozen=True, rename="camel"):
    """One value that a concept has of a property."""

    code: str
    value_code: str | None = None
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: int | None = None
    value_decimal: Decimal | None = None
    value_date_time: str | None = None
    value_coding: JsonObject | None = None

    def element(self) -> tuple[str, object]:
        """Return the name of the element that holds the value, and the value."""
        values = (
            ("valueCode", self.value_code),
            ("valueString", self.value_string),
            ("valueBoolean", self.value_boolean),
            ("valueInteger", self.value_integer),
            ("valueDecimal", self.value_decimal),
            ("valueDateTime", self.value_date_time),
            ("valueCoding", self.value_coding),
        )
        return next(each for each in (*values, ("valueString", "")) if each[1] is not None)

    def text(self) -> str:
        """Return the value as filters write it."""
        _, value = self.element()
        match value:
            case bool():
                return "true" if value else "false"
            case dict():
                return str(value.get("code", ""))
            case _:
                return str(value)


class Concept(Struct, frozen=True, rename="camel"):
    """A code with what is known of it, and the concepts below it."""

    code: str
    display: str | None = None
    property: tuple[PropertyValue, ...] = ()
    concept: tuple["Concept", ...] = ()


class PropertyDefinition(Struct, frozen=True, rename="camel"):
    """A property that the concepts of a code system may have."""

    code: str
    type: str | None = None
    uri: str | None = None


class CodeSystem(Struct, frozen=True, rename="camel"):
    """A code system; `content` says how much of it is here."""

    url: str
    content: str
    name: str | None = None
    version: str | None = None
    case_sensitive: bool = True
    hierarchy_meaning: str | None = None
    property: tuple[PropertyDefinition, ...] = ()
    concept: tuple[Concept, ...] = ()


class Filter(Struct, frozen=True):
    """A condition on the concepts of a code system."""

    property: str
    op: str
    value: str


class ConceptReference(Struct, frozen=True):
    """A code that a value set lists, with the display it has there."""

    code: str
    display: str | None = None


class ConceptSet(Struct, frozen=True, rename="camel"):
    """One include or exclude: codes that meet all that it says."""

    system: str | None = None
    version: str | None = None
    concept: tuple[ConceptReference, ...] = ()
    filter: tuple[Filter, ...] = ()
    value_set: tuple[str, ...] = ()


class Compose(Struct, frozen=True):
    """What a value set is put together from."""

    include: tuple[ConceptSet, ...] = ()
    exclude: tuple[ConceptSet, ...] = ()
    inactive: bool = True


class Contains(Struct, frozen=True):
    """One code of an expansion, and those that are shown below it."""

    system: str | None = None
    code: str | None = None
    display: str | None = None
    contains: tuple["Contains", ...] = ()


class Expansion(Struct, frozen=True):
    """The codes of a value set as its author listed them."""

    contains: tuple[Contains, ...] = ()


class ValueSet(Struct, frozen=True):
    """A value set."""

    url: str | None = None
    version: str | None = None
    compose: Compose | None = None
    expansion: Expansion | None = None


class MapTarget(Struct, frozen=True, rename="camel"):
    """What a code is translated into, and how the two compare."""

    code: str | None = None
    display: str | None = None
    equivalence: str = "equivalent"


class MapElement(Struct, frozen=True):
    """The translations of one code."""

    code: str | None = None
    display: str | None = None
    target: tuple[MapTarget, ...] = ()


class Unmapped(Struct, frozen=True):
    """What becomes of a code that a group has no element for."""

    mode: str
    code: str | None = None
    display: str | None = None
    url: str | None = None


class MapGroup(Struct, frozen=True):
    """The translations from one code system to another."""

    source: str | None = None
    target: str | None = None
    element: tuple[MapElement, ...] = ()
    unmapped: Unmapped | None = None


class ConceptMap(Struct, frozen=True, rename="camel"):
    """A concept map; the value sets may be named by canonical or by plain uri."""

    url: str | None = None
    version: str | None = None
    source_uri: str | None = None
    source_canonical: str | None = None
    target_uri: str | None = None
    target_canonical: str | None = None
    group: tuple[MapGroup, ...] = ()

    @property
    def source(self) -> str | None:
        """The value set that is translated from."""
        return self.source_canonical or self.source_uri

    @property
    def target(self) -> str | None:
        """The value set that is translated to."""
        return self.target_canonical or self.target_uri
