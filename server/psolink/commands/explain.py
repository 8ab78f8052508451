"""`psolink explain`: what the database does for a search."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import click
from bson import json_util

from psolink.administration import reader
from psolink.commands.engine import database_for
from psolink.commands.exits import FAILED, UNREADABLE
from psolink.commands.options import data_option, fail, settings_of
from psolink.errors import FhirError
from psolink.interactions.search import search
from psolink.setup import NotReady
from psolink.store.explained import Explained, Recorder, explained
from psolink.store.startup import DatabaseError, connect


@click.command()
@click.argument("url")
@data_option
@click.option("--organization", help="Whose search it is; by default the first registered one.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def explain(url: str, data: Path | None, organization: str | None, *, as_json: bool) -> None:
    """Show the queries that the search URL makes, such as 'AdverseEvent?date=ge2024&_sort=-date'.

    Each with its MongoDB filter, the index that is used, and how many keys and documents were
    examined for how many results. The server may go on. Nothing that is stored is shown.
    """
    settings = settings_of(data=data)
    recorder = Recorder()
    try:
        with database_for(settings) as uri, connect(uri, recorder) as client:
            settings = replace(settings, mongodb_uri=uri)
            ctx = reader(settings, client, organization)
            recorder.commands.clear()
            resource_type, _, query = url.lstrip("/").partition("?")
            ctx.require_type(resource_type)
            search(ctx, resource_type, parse_qsl(query, keep_blank_values=True))
            found = [
                explained(client[settings.database], each) for each in tuple(recorder.commands)
            ]
    except FhirError as error:
        for issue in error.issues:
            click.secho(issue.diagnostics, fg="red", err=True)
        sys.exit(UNREADABLE)
    except (NotReady, DatabaseError) as error:
        fail(str(error), FAILED)
    if as_json:
        click.echo(json.dumps([_row(each) for each in found], indent=2))
        return
    click.echo(f"{url} as {ctx.tenant}")
    for each in found:
        _show(each)


def _show(query: Explained) -> None:
    index = f"index {query.index}" if query.index else "no index: every document is read"
    click.echo()
    click.echo(f"  {query.collection}, ", nl=False)
    click.secho(index, fg="green" if query.index else "red", nl=False)
    click.echo(", sorted in memory" if query.sorts_in_memory else "")
    click.echo(
        f"  {query.keys} keys and {query.documents} documents examined, {query.returned} returned, "
        f"{query.milliseconds} ms"
    )
    for name, value in query.query.items():
        click.echo(f"  {name:<10} {_text(value)}")


def _text(value: object) -> str:
    return json_util.dumps(value, json_options=json_util.RELAXED_JSON_OPTIONS)


def _row(query: Explained) -> dict[str, object]:
    return {
        "collection": query.collection,
        **{name: json.loads(_text(value)) for name, value in query.query.items()},
        "index": query.index,
        "sortsInMemory": query.sorts_in_memory,
        "keysExamined": query.keys,
        "documentsExamined": query.documents,
        "returned": query.returned,
        "milliseconds": query.milliseconds,
    }
