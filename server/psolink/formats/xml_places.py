"""Where in an XML body the elements stand that issues speak of.

Only asked once there are issues, of a body that the codec has read: it has no DOCTYPE.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from xml.parsers import expat

from psolink.formats.places import Steps, Wanted
from psolink.outcome import Place


def xml_places(body: bytes, wanted: Iterable[Steps]) -> Mapping[Steps, Place]:
    """Return the place of each wanted element, or of the nearest around it that is there."""
    reader = _Reader(Wanted(wanted))
    reader.read(body)
    return reader.wanted.nearest(reader.found, reader.places.__getitem__)


class _Reader:
    """Follows the elements of a document, as far as something in them is wanted."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.found: dict[Steps, int] = {}
        self.places: list[Place] = []
        self._open: list[Steps | None] = []
        self._counts: list[Counter[str]] = []
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def read(self, body: bytes) -> None:
        self._parser.Parse(body, True)  # noqa: FBT003 - the signature is expat's

    def _start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        steps = self._steps(tag.rpartition(":")[2])
        self._open.append(steps)
        self._counts.append(Counter())
        if steps is not None:
            place = Place(self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1)
            for end in range(len(steps), -1, -1):
                self.found.setdefault(steps[:end], len(self.places))
            self.places.append(place)

    def _end(self, _tag: str) -> None:
        self._open.pop()
        self._counts.pop()

    def _steps(self, name: str) -> Steps | None:
        if not self._open:
            return ()
        owner = self._open[-1]
        if owner is None or name[:1].isupper():
            return owner  # an element named for a type only holds the resource
        index = self._counts[-1][name]
        self._counts[-1][name] += 1
        steps = self.wanted.child(owner, name)
        if steps is None:
            return None
        return self.wanted.item(steps, index) or (steps if index == 0 else None)
