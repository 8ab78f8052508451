"""The command `psolink`."""

import os

import click

from psolink import __version__
from psolink.commands.backup import backup, restore
from psolink.commands.definitions import definitions
from psolink.commands.demo import demo
from psolink.commands.explain import explain
from psolink.commands.fhirpath import fhirpath
from psolink.commands.indexes import indexes
from psolink.commands.load import load
from psolink.commands.map import map_file
from psolink.commands.migrate import migrate
from psolink.commands.register import register
from psolink.commands.serve import serve
from psolink.commands.validate import validate


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="psolink")
@click.pass_context
def main(ctx: click.Context) -> None:
    """PSOLink: a FHIR R4 server for patient safety events.

    Every setting is an environment variable PSOLINK_…; README.md lists them.
    Exit codes: 0 done, 1 failed, 2 wrong usage or unreadable input, 4 invalid content.
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False


for command in (
    serve,
    demo,
    load,
    validate,
    fhirpath,
    map_file,
    register,
    migrate,
    indexes,
    explain,
    backup,
    restore,
    definitions,
):
    main.add_command(command)
