"""`psolink map`: show what a Common Formats report becomes."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click

from psolink.commands.exits import INVALID
from psolink.commands.files import read_resource
from psolink.fhir_json import CANONICAL
from psolink.formats.json_codec import render
from psolink.mapping import Mapper, MappingContext
from psolink.outcome import Issue
from psolink.store.documents import instant


@click.command("map")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--organization", default="sender", show_default=True, help="Who sends the report.")
def map_file(file: Path, organization: str) -> None:
    """Print the Bundle that the Common Formats report in FILE becomes; nothing is stored.

    What is kept but not mapped goes to standard error. Exit code 4: nothing can be derived.
    """
    extraction = Mapper.load().extract(
        read_resource(file),
        MappingContext(
            organization=organization,
            event_identifier_system=f"{CANONICAL}/sid/{organization}/event",
            new_urn=lambda: f"urn:uuid:{uuid4()}",
            recorded=instant(datetime.now(UTC)),
            response_reference=f"urn:uuid:{uuid4()}",
        ),
    )
    for issue in extraction.issues:
        _say(issue)
    if any(issue.is_error for issue in extraction.issues):
        sys.exit(INVALID)
    click.echo(render(extraction.bundle(), pretty=True).decode())


def _say(issue: Issue) -> None:
    colour = "red" if issue.is_error else "blue"
    click.echo(
        f"{click.style(issue.severity, fg=colour)} {issue.expression or ''}: {issue.diagnostics}",
        err=True,
    )
