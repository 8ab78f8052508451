"""`psolink validate`: judge files as the server would."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from psolink.commands.exits import INVALID, UNREADABLE
from psolink.commands.file_judge import FileJudge, Judged
from psolink.outcome import Issue, operation_outcome
from psolink.validation.profiles import PackageUnreadable

_COLOURS = {"fatal": "red", "error": "red", "warning": "yellow", "information": "blue"}
_MANY = 10


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="URL",
    help="Judge by this profile too; may be given again.",
)
@click.option(
    "--package",
    "packages",
    multiple=True,
    envvar="PSOLINK_PACKAGES",
    type=click.Path(path_type=Path),
    help="FHIR package (tgz) or folder with profiles, value sets and code systems "
    "[PSOLINK_PACKAGES].",
)
@click.option(
    "--must-support",
    is_flag=True,
    help="Tell which elements are absent that a profile says must be supported.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one OperationOutcome a line.")
def validate(
    files: tuple[Path, ...],
    profiles: tuple[str, ...],
    packages: tuple[Path, ...],
    *,
    must_support: bool,
    as_json: bool,
) -> None:
    """Say whether FILES are valid FHIR R4 that a provider could send.

    Files are JSON or XML. Each is judged by the base rules, by the rules on patient safety work
    product, and by the profiles that it claims. An issue stands as FILE:LINE:COLUMN.

    Exit code 0: all are valid, 4: at least one is not, 2: one cannot be read.
    """
    try:
        judge = FileJudge.make(packages, profiles, must_support=must_support)
    except PackageUnreadable as error:
        click.secho(str(error), fg="red", err=True)
        sys.exit(UNREADABLE)
    has_unreadable = has_invalid = False
    for judged in _in_turn(judge, files):
        has_unreadable |= not judged.is_readable
        has_invalid |= judged.errors > 0
        if as_json:
            click.echo(json.dumps(operation_outcome(judged.issues)))
        else:
            _print(judged)
    if has_unreadable:
        sys.exit(UNREADABLE)
    sys.exit(INVALID if has_invalid else 0)


def _in_turn(judge: FileJudge, files: tuple[Path, ...]) -> Iterator[Judged]:
    """Yield each file as it is judged; of many, a bar on a terminal says how far that is."""
    if len(files) < _MANY or not sys.stderr.isatty():
        yield from map(judge.judge, files)
        return
    with click.progressbar(files, label="Validating", file=sys.stderr) as bar:
        found = [judge.judge(path) for path in bar]
    yield from found


def _print(judged: Judged) -> None:
    if not judged.is_readable:
        for issue in judged.issues:
            click.secho(f"{judged.path}: {issue.diagnostics}", fg="red", err=True)
        return
    errors = judged.errors
    verdict = f"{errors} error{'s' if errors > 1 else ''}" if errors else "valid"
    click.secho(f"{judged.path}: {verdict}", fg="red" if errors else "green")
    for issue in judged.issues:
        click.echo(
            f"  {_where(judged.path, issue)} "
            f"{click.style(issue.severity, fg=_COLOURS[issue.severity])} "
            f"{issue.expression or ''}: {issue.diagnostics}"
        )


def _where(path: Path, issue: Issue) -> str:
    if issue.place is None:
        return f"{path}:"
    return f"{path}:{issue.place.line}:{issue.place.column}:"
