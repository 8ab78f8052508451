"""Read the files that a command is given."""

import sys
from pathlib import Path

import click

from psolink.commands.exits import UNREADABLE
from psolink.definitions import load_definitions
from psolink.errors import FhirError
from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import JsonLimits, parse
from psolink.formats.xml_codec import XmlCodec

_BEFORE_XML = b"\xef\xbb\xbf \t\r\n"
_LIMITS = JsonLimits(max_bytes=512 * 1024 * 1024, max_depth=100)


def read_resource(path: Path) -> JsonObject:
    """Return the resource in a file, JSON or XML; end the command with 2 where there is none."""
    try:
        return parse_resource(path.read_bytes())
    except OSError as error:
        click.secho(f"{path}: {error.strerror}", fg="red", err=True)
    except FhirError as error:
        for issue in error.issues:
            click.secho(f"{path}: {issue.diagnostics}", fg="red", err=True)
    sys.exit(UNREADABLE)


def parse_resource(body: bytes) -> JsonObject:
    """Return the resource in a body, JSON or XML; raise a `FhirError` where there is none."""
    # JSON never begins like XML, whatever the file is called.
    if body.lstrip(_BEFORE_XML).startswith(b"<"):
        return XmlCodec(load_definitions()).parse(body, limits=_LIMITS)
    return parse(body, limits=_LIMITS)
