"""The FHIRPath of profiles, each compiled once."""

from psolink.definitions import Definitions
from psolink.fhirpath import Compiler, Expression


class Expressions:
    """Compiles expressions and keeps them; their number is bounded by the profiles' own."""

    def __init__(self, definitions: Definitions) -> None:
        self._compiler = Compiler(definitions)
        self._known: dict[str, Expression] = {}

    def compile(self, text: str) -> Expression:
        """Return the compiled expression, or raise `FhirPathError`."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._compiler.compile(text)
        return found
