"""`psolink validate`: judge files as the server would."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from psolink.commands.exits import INVALID
from psolink.commands.files import read_resource
from psolink.definitions import load_definitions
from psolink.fhir_json import JsonObject
from psolink.outcome import Issue, operation_outcome
from psolink.pswp import intake
from psolink.pswp.party import Party
from psolink.validation import Validator

_COLOURS = {"fatal": "red", "error": "red", "warning": "yellow", "information": "blue"}


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one OperationOutcome a line.")
def validate(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Say whether FILES are valid FHIR R4 that a provider could send.

    Exit code 0: all are valid, 4: at least one is not, 2: one cannot be read.
    """
    validator = Validator(load_definitions())
    is_valid = True
    for path in files:
        issues = issues_of(validator, read_resource(path))
        is_valid = is_valid and not any(issue.is_error for issue in issues)
        if as_json:
            click.echo(json.dumps(operation_outcome(issues)))
        else:
            _print(path, issues)
    sys.exit(0 if is_valid else INVALID)


def issues_of(validator: Validator, resource: JsonObject) -> list[Issue]:
    """Return what is wrong with a resource by the base rules and by those of intake."""
    issues = validator.validate(resource)
    if any(issue.is_error for issue in issues):
        return issues
    sender = Party("sender", "provider")
    for at, sent in _resources_sent(resource):
        issues.extend(intake.check(sent, sender, at=at))
    return issues


def _resources_sent(resource: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Yield what a server would store: the resource, or those that a Bundle of requests carries."""
    if resource["resourceType"] != "Bundle" or resource["type"] not in ("batch", "transaction"):
        yield resource["resourceType"], resource
        return
    for number, entry in enumerate(resource.get("entry", ())):
        if "resource" in entry:
            yield f"Bundle.entry[{number}].resource", entry["resource"]


def _print(path: Path, issues: list[Issue]) -> None:
    errors = sum(issue.is_error for issue in issues)
    verdict = f"{errors} error{'s' if errors > 1 else ''}" if errors else "valid"
    click.secho(f"{path}: {verdict}", fg="red" if errors else "green")
    for issue in issues:
        click.echo(
            f"  {click.style(issue.severity, fg=_COLOURS[issue.severity])} "
            f"{issue.expression or ''}: {issue.diagnostics}"
        )
