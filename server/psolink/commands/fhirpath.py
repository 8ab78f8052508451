"""`psolink fhirpath`: evaluate FHIRPath over files."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click

from psolink.commands.exits import INVALID, UNREADABLE
from psolink.commands.fhirpath_cases import Evaluator, answer_case, read_case
from psolink.commands.files import read_resource
from psolink.definitions import load_definitions
from psolink.fhir_json import JsonObject
from psolink.fhirpath import FhirPathError
from psolink.formats.json_codec import render


@click.command()
@click.argument("expression", required=False)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--batch",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Evaluate the cases in a file, one JSON object a line; - reads them from standard input.",
)
def fhirpath(expression: str | None, file: Path | None, batch: Path | None) -> None:
    """Print what EXPRESSION finds in the resource in FILE, one JSON object for each item.

    \b
    With --batch, each line of the file is a case, and each line printed its answer:
      {"id", "resource", "expression", "context"?, "environment"?}
      {"id", "result": [{"type", "value"}, ...]} or {"id", "error"}

    The context is an expression too: EXPRESSION is evaluated from each item that it finds. The
    environment is an object of variables. A case that fails ends nothing.

    \b
    Exit codes:
      0  evaluated, in a batch also where a case was answered by an error
      2  the file cannot be read, or a line of the batch is no JSON object
      4  the expression is wrong
    """  # noqa: D301 - to click, \b is a character
    if (batch is None) == (expression is None or file is None):
        raise click.UsageError("Give an expression and a file, or --batch and a file of cases.")
    evaluator = Evaluator(load_definitions(), datetime.now(UTC))
    if batch is not None:
        sys.exit(_run_batch(evaluator, batch))
    if expression is not None and file is not None:
        _run_one(evaluator, expression, file)


def _run_one(evaluator: Evaluator, expression: str, file: Path) -> None:
    resource = read_resource(file)
    try:
        found = evaluator.evaluate(expression, resource)
    except FhirPathError as error:
        click.secho(str(error), fg="red", err=True)
        sys.exit(INVALID)
    for item in found:
        click.echo(render(item))


def _run_batch(evaluator: Evaluator, path: Path) -> int:
    """Print the answers to all cases; return the exit code."""
    try:
        with click.open_file(str(path), "rb") as lines:
            return _answer_lines(evaluator, lines)
    except OSError as error:
        click.secho(f"{path}: {error.strerror}", fg="red", err=True)
        return UNREADABLE


def _answer_lines(evaluator: Evaluator, lines: Iterable[bytes]) -> int:
    code = 0
    for line in lines:
        if not line.strip():
            continue
        case = read_case(line)
        if case is None:
            code = UNREADABLE
            answer: JsonObject = {"id": None, "error": "the line is not a case: expected an object"}
        else:
            answer = answer_case(evaluator, case)
        click.echo(render(answer))
    return code
