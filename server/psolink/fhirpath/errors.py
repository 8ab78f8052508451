"""The one failure of the FHIRPath engine."""


class FhirPathError(Exception):
    """An expression is not FHIRPath, uses what the engine does not have, or went wrong.

    `at` is the offset into the expression where that is known.
    """

    def __init__(self, diagnostics: str, at: int | None = None) -> None:
        super().__init__(diagnostics if at is None else f"{diagnostics} (at offset {at})")
        self.at = at

    def placed(self, at: int) -> "FhirPathError":
        """Return the error with its offset, unless it has one already."""
        return self if self.at is not None else FhirPathError(str(self), at)
