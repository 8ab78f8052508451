"""http://hl7.org/fhirpath/N1/#current-date-and-time-functions."""

from collections.abc import Callable, Mapping
from datetime import datetime

from psolink.fhirpath.errors import FhirPathError
from psolink.fhirpath.functions.function import Function, values
from psolink.fhirpath.nodes import Collection, system_node
from psolink.fhirpath.scope import Run


def _of_clock(name: str, type_name: str, text: Callable[[datetime], str]) -> Function:
    def apply(run: Run, _nodes: Collection) -> Collection:
        now = run.environment.now
        if now is None:
            raise FhirPathError(f"{name}() needs a clock, and this evaluation was given none")
        return (system_node(text(now), type_name),)

    return values(f"System.{type_name}", apply)


FUNCTIONS: Mapping[str, Function] = {
    "now": _of_clock("now", "DateTime", lambda now: now.isoformat(timespec="milliseconds")),
    "today": _of_clock("today", "Date", lambda now: now.date().isoformat()),
    "timeOfDay": _of_clock(
        "timeOfDay", "Time", lambda now: now.time().isoformat(timespec="milliseconds")
    ),
}
