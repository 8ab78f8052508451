"""Read the files that a command is given."""

import sys
from pathlib import Path

import click

from psolink.commands.exits import UNREADABLE
from psolink.errors import FhirError
from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import JsonLimits, parse

_LIMITS = JsonLimits(max_bytes=512 * 1024 * 1024, max_depth=100)


def read_resource(path: Path) -> JsonObject:
    """Return the resource in a file; end the command with 2 where there is none."""
    try:
        return parse(path.read_bytes(), limits=_LIMITS)
    except OSError as error:
        click.secho(f"{path}: {error.strerror}", fg="red", err=True)
    except FhirError as error:
        for issue in error.issues:
            click.secho(f"{path}: {issue.diagnostics}", fg="red", err=True)
    sys.exit(UNREADABLE)
