"""Random resources of every type of R4, made from the definitions.

They are valid as far as structure goes: required elements are there, choices are made once, codes
of required bindings and reference targets are right, arrays of primitives align with those of their
extensions. The same random source gives the same resources.
"""

from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from random import Random

from psolink.definitions import Definitions, Element, TypeDefinition
from psolink.fhir_json import JsonObject

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'
UUID = "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"
SPECIAL_CODINGS: Mapping[str, JsonObject] = {
    "all-languages": {"code": "en-US"},
    "currencies": {"code": "EUR"},
    "languages": {"code": "en"},
    "mimetypes": {"code": "text/plain"},
    "ucum-units": {"system": "http://unitsofmeasure.org", "code": "mg"},
}
"""A code of each value set that has no list of codes."""

MAX_DEPTH = 4
"""Below so many levels only what is required is made."""

SAMPLES: Mapping[str, tuple[object, ...]] = {
    "base64Binary": ("AA==", "UFNPTGluaw==", "/+8A"),
    "boolean": (True, False),
    "canonical": ("http://example.org/q", "http://example.org/q|1.0", "urn:oid:1.2.3"),
    "code": ("a", "en", "two words", "<b>&"),
    "date": ("2026", "2026-11", "2026-11-23"),
    "dateTime": ("2026", "2026-11-23", "2026-11-23T10:00:00.120+01:00"),
    "decimal": (
        *(0, -1, 107, 2**40, -(2**63), Decimal(2**63)),
        *map(Decimal, ("107.50", "1.00", "-0.0", "0.1234567890123456789", "1E+2", "-1.0E-7")),
    ),
    "id": ("a", "A-1.b", "x" * 64),
    "instant": ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00.000001-05:00"),
    "integer": (0, -1, 2**31 - 1, -(2**31)),
    "markdown": ("# Head\n\n* one\r\n* two", "a | b", "\\*"),
    "oid": ("urn:oid:1.2.3", "urn:oid:2.16.840.1"),
    "positiveInt": (1, 2**31 - 1),
    "string": (
        "a",
        "  edge ",
        "q \" ' < > & ]]> &amp;",
        "tab\tand\nline",
        "é漢𝄞\u00a0\u0085\u2028",
    ),
    "time": ("10:00:00", "23:59:59.500"),
    "unsignedInt": (0, 7),
    "uri": ("http://example.org/a?b=c&d=%20", UUID, "urn:oid:1.2.3"),
    "url": ("http://example.org/", "mailto:a@example.org"),
    "uuid": (UUID,),
    "xhtml": (
        f"{DIV}text</div>",
        f"{DIV}\n <p>a  <b>b</b> <i>c</i>\t</p>\n<br/></div>",
        f'{DIV}<table class="a&quot;&amp;&lt;"><tr><td></td><td>1 &lt; 2 &amp; 3 &gt; 2</td></tr>'
        "</table></div>",
        f'{DIV[:-1]} id="n" xml:lang="de">\u00fc\u00a0<img src="#a" alt=""/></div>',
    ),
}


class ResourceGenerator:
    """Makes resources; `likelihood` is that of an element which may be left out."""

    def __init__(
        self, definitions: Definitions, random: Random, *, likelihood: float = 0.3
    ) -> None:
        self._definitions = definitions
        self._random = random
        self._likelihood = likelihood
        self._types = sorted(definitions.resource_types)
        self._makers: Mapping[str, Callable[[int], object]] = {
            "Extension": self.extension,
            "Resource": self._inner_resource,
            "Reference": lambda _depth: {"display": self._sample("string")},
        }

    def resource(self, type_name: str, depth: int = 0) -> JsonObject:
        """Return a resource of a type."""
        made: JsonObject = {"resourceType": type_name}
        return made | self._elements(self._definitions.types[type_name], depth)

    def extension(self, depth: int = 0) -> JsonObject:
        """Return an extension with a value or, in the upper levels, with extensions of its own."""
        made: JsonObject = {"id": "e1"} if self._happens(depth) else {}
        made["url"] = self._sample("uri")
        if self._happens(depth):
            return made | {"extension": [self.extension(depth + 1)]}
        values = self._definitions.types["Extension"].choices["value"]
        return made | dict(self._properties(self._random.choice(values), depth))

    def _inner_resource(self, depth: int) -> JsonObject:
        return self.resource("Basic" if depth >= MAX_DEPTH else self._choose(self._types), depth)

    def _elements(self, definition: TypeDefinition, depth: int) -> JsonObject:
        chosen = {name: self._random.choice(each) for name, each in definition.choices.items()}
        made: JsonObject = {}
        for element in definition.elements.values():
            is_candidate = element.choice_of is None or chosen[element.choice_of] is element
            is_left_out = element.name == "contained" and depth > 0
            if is_candidate and not is_left_out and (element.min or self._happens(depth)):
                made.update(self._properties(element, depth))
        _agree(definition.name, made)
        if definition.kind == "resource" or made.keys() - {"id"}:
            return made
        # An element needs more than an id.
        return made | {"extension": [self.extension(depth + 1)]}

    def _properties(self, element: Element, depth: int) -> Iterator[tuple[str, object]]:
        definition = self._definitions.types[element.type]
        if definition.kind != "primitive":
            count = self._random.randint(1, 2) if element.is_list else 1
            items = [self._complex(element, depth + 1, index) for index in range(count)]
            yield element.name, items if element.is_list else items[0]
        elif element.is_xml_attribute or element.type == "xhtml":
            yield element.name, "i1" if element.name == "id" else self._sample(element.type)
        elif element.is_list:
            yield from self._primitives(element, depth)
        else:
            value, companion = self._primitive(element, depth)
            yield from ((element.name, value),) if value is not None else ()
            yield from ((f"_{element.name}", companion),) if companion is not None else ()

    def _primitives(self, element: Element, depth: int) -> Iterator[tuple[str, object]]:
        pairs = [self._primitive(element, depth) for _ in range(self._random.randint(1, 3))]
        values, companions = zip(*pairs, strict=True)
        for name, items in ((element.name, values), (f"_{element.name}", companions)):
            if any(item is not None for item in items):
                yield name, list(items)

    def _primitive(self, element: Element, depth: int) -> tuple[object, JsonObject | None]:
        value = self._value(element)
        if not self._happens(depth + 1):
            return value, None
        only_id: JsonObject = {"id": "p1"}
        extended: JsonObject = {"extension": [self.extension(depth + 1)]}
        companion = self._random.choice([only_id, extended, only_id | extended])
        is_valued = "extension" not in companion or self._random.random() < 0.5
        return value if is_valued else None, companion

    def _value(self, element: Element) -> object:
        if element.type != "code":
            return self._sample(element.type)
        codings = self._codings(element)
        return self._random.choice(codings)["code"] if codings else self._sample("code")

    def _codings(self, element: Element) -> list[JsonObject]:
        """Return what the element may be coded with; nothing where any code will do."""
        binding = element.binding
        if binding is None:
            return []
        if binding.strength == "required" and (codes := self._definitions.codes(binding.value_set)):
            return [{"system": s, "code": c} for s in sorted(codes) for c in sorted(codes[s])]
        obliging = (binding.value_set, binding.max_value_set or "")
        names = {each.partition("|")[0].rpartition("/")[2] for each in obliging}
        return [SPECIAL_CODINGS[name] for name in sorted(names & SPECIAL_CODINGS.keys())]

    def _complex(self, element: Element, depth: int, index: int) -> object:
        if element.name == "contained":
            made: JsonObject = {"resourceType": self._choose(self._types), "id": f"c{index}"}
            return self.resource(made["resourceType"], depth) | made
        if element.type == "Reference" and element.targets:
            return {"reference": f"{self._choose(list(element.targets))}/r1"}
        codings = self._codings(element)
        if codings and element.type in ("CodeableConcept", "Coding"):
            coding = self._random.choice(codings)
            return {"coding": [coding]} if element.type == "CodeableConcept" else coding
        make = self._makers.get(element.type)
        if make is not None:
            return make(depth)
        return self._elements(self._definitions.types[element.profile or element.type], depth)

    def _sample(self, primitive: str) -> object:
        return self._random.choice(SAMPLES[primitive])

    def _choose(self, names: list[str]) -> str:
        return self._random.choice(names)

    def _happens(self, depth: int) -> bool:
        return depth < MAX_DEPTH and self._random.random() < self._likelihood / (depth + 1)


def _agree(type_name: str, made: JsonObject) -> None:
    """Make those elements agree that say the same in two ways."""
    if type_name == "Attachment" and {"data", "size"} <= made.keys():
        made["size"] = len(b64decode(made["data"]))
    if type_name == "Bundle.entry" and {"fullUrl", "resource"} & made.keys():
        # A urn agrees with any resource.
        made["fullUrl"] = UUID
