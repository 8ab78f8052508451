"""One property of an object: its JSON shape, and its value or values."""

from collections.abc import Callable

from psolink.fhir_json import JsonObject
from psolink.outcome import IssueCode
from psolink.validation.forms import Accept
from psolink.validation.scope import At, Scope
from psolink.validation.wording import show

PropertyCheck = Callable[[object, JsonObject, At, Scope], None]
"""Takes the value, the object it belongs to, the place of that object, and the scope."""

ValueCheck = Callable[[object, At, Scope], None]


def one_primitive(path_name: str, accept: Accept, explain: ValueCheck) -> PropertyCheck:
    """Return the check of a primitive that comes once."""

    def check(value: object, _owner: JsonObject, at: At, scope: Scope) -> None:
        if not accept(value):
            explain(value, (at, path_name, None), scope)

    return check


def many_primitives(path_name: str, accept: Accept, explain: ValueCheck) -> PropertyCheck:
    """Return the check of a list of primitives, in which null holds the place of an extension."""
    companion_name = f"_{path_name}"

    def check(values: object, owner: JsonObject, at: At, scope: Scope) -> None:
        if not isinstance(values, list) or not values:
            scope.add(IssueCode.STRUCTURE, (at, path_name, None), list_fault(values))
            return
        for index, value in enumerate(values):
            if not accept(value):
                place: At = (at, path_name, index)
                if value is not None:
                    explain(value, place, scope)
                elif not has_item(owner.get(companion_name), index):
                    diagnostics = (
                        f"null only holds the place of a value with an extension in "
                        f"{companion_name}; leave it out."
                    )
                    scope.add(IssueCode.STRUCTURE, place, diagnostics)

    return check


def one_value(path_name: str, check_value: ValueCheck) -> PropertyCheck:
    """Return the check of an object that comes once."""

    def check(value: object, _owner: JsonObject, at: At, scope: Scope) -> None:
        check_value(value, (at, path_name, None), scope)

    return check


def many_values(path_name: str, check_value: ValueCheck) -> PropertyCheck:
    """Return the check of a list of objects."""

    def check(values: object, _owner: JsonObject, at: At, scope: Scope) -> None:
        if not isinstance(values, list) or not values:
            scope.add(IssueCode.STRUCTURE, (at, path_name, None), list_fault(values))
            return
        for index, value in enumerate(values):
            check_value(value, (at, path_name, index), scope)

    return check


def any_value(_value: object, _owner: JsonObject, _at: At, _scope: Scope) -> None:
    """Take what is checked elsewhere."""


def has_item(values: object, index: int) -> bool:
    """Tell whether a list has more than null at an index."""
    return isinstance(values, list) and index < len(values) and values[index] is not None


def list_fault(value: object) -> str:
    """Return what is wrong with a value that must be a list with content."""
    if value == []:
        return "An empty array is not allowed; leave the element out."
    if value is None:
        return "null is not allowed; leave the element out."
    return (
        f"Expected an array, for this may come more than once, found {show(value)}; put it in [ ]."
    )
