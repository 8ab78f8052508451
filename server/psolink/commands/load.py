"""`psolink load`: send files to a FHIR server and say what became of each entry."""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
import requests

from psolink.commands.exits import FAILED, INVALID
from psolink.commands.files import read_resource
from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import render

_CHUNK = 50
_TIMEOUT_SECONDS = 300
_SUCCESS = 2
_CONTENT_STATUSES = frozenset({"400", "404", "405", "409", "410", "412", "413", "415", "422"})


@dataclass(slots=True)
class Tally:
    """How many entries ended with which status, and what was said of the others."""

    statuses: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """True if every entry was taken."""
        return all(status.startswith(str(_SUCCESS)) for status in self.statuses)

    @property
    def is_about_content(self) -> bool:
        """True if whatever was refused was refused for what it is, not for who sent it or when."""
        return all(
            status[:3] in _CONTENT_STATUSES or status.startswith(str(_SUCCESS))
            for status in self.statuses
        )


@dataclass(frozen=True, slots=True)
class Shipment:
    """One request: where it goes, what it carries, how many entries that is."""

    method: str
    path: str
    body: JsonObject
    entries: int


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--base", default="http://127.0.0.1:8080/fhir", show_default=True, help="FHIR base URL."
)
@click.option(
    "--token", envvar="PSOLINK_TOKEN", required=True, help="Access token [PSOLINK_TOKEN]."
)
@click.option(
    "--common-formats",
    is_flag=True,
    help="Submit QuestionnaireResponses as Common Formats reports instead of storing them as they are.",
)
def load(files: tuple[Path, ...], base: str, token: str, *, common_formats: bool) -> None:
    """Send FILES to a FHIR server, in the order given.

    A batch or transaction Bundle goes to the base; another resource is put under its id, or
    created where it has none. Batches are sent in parts, which is the same to the server.

    Exit code 4: content was refused; 1: the server cannot be reached, takes no such token, or failed.
    """
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    tallies = []
    for path in files:
        shipments = list(_shipments(read_resource(path), common_formats=common_formats))
        tally = _send_all(session, base.rstrip("/"), path, shipments)
        tallies.append(tally)
        _report(path, tally)
    sys.exit(_exit_code(tallies))


def _exit_code(tallies: list[Tally]) -> int:
    if all(tally.is_clean for tally in tallies):
        return 0
    return INVALID if all(tally.is_about_content for tally in tallies) else FAILED


def _shipments(resource: JsonObject, *, common_formats: bool) -> Iterator[Shipment]:
    kind = resource["resourceType"]
    if kind == "Bundle" and resource.get("type") == "batch":
        entries = resource.get("entry", [])
        for start in range(0, len(entries), _CHUNK):
            part = entries[start : start + _CHUNK]
            yield Shipment("POST", "", resource | {"entry": part}, len(part))
    elif kind == "Bundle":
        yield Shipment("POST", "", resource, len(resource.get("entry", [])))
    elif kind == "QuestionnaireResponse" and common_formats:
        yield Shipment("POST", "/$submit-common-formats", resource, 1)
    elif "id" in resource:
        yield Shipment("PUT", f"/{kind}/{resource['id']}", resource, 1)
    else:
        yield Shipment("POST", f"/{kind}", resource, 1)


def _send_all(session: requests.Session, base: str, path: Path, shipments: list[Shipment]) -> Tally:
    tally = Tally()
    total = sum(shipment.entries for shipment in shipments)
    with click.progressbar(length=total, label=path.name, file=sys.stderr) as bar:
        for shipment in shipments:
            try:
                _send(session, base, shipment, tally)
            except requests.RequestException as error:
                click.secho(
                    f"\n{base} cannot be reached: {type(error).__name__}", fg="red", err=True
                )
                sys.exit(FAILED)
            bar.update(shipment.entries)
    return tally


def _send(session: requests.Session, base: str, shipment: Shipment, tally: Tally) -> None:
    answer = session.request(
        shipment.method,
        base + shipment.path,
        data=render(shipment.body),
        headers={"Content-Type": "application/fhir+json"},
        timeout=_TIMEOUT_SECONDS,
    )
    body = answer.json() if answer.content else {}
    if answer.ok and body.get("resourceType") == "Bundle":
        for entry in body.get("entry", []):
            _count(tally, entry["response"]["status"], entry["response"].get("outcome"))
    else:
        _count(tally, f"{answer.status_code} {answer.reason}", None if answer.ok else body)


def _count(tally: Tally, status: str, outcome: JsonObject | None) -> None:
    tally.statuses[status] += 1
    if outcome and not status.startswith(str(_SUCCESS)):
        for issue in outcome.get("issue", []):
            where = "".join(f"{each} " for each in issue.get("expression", []))
            tally.remarks.append(f"{status}: {where}{issue.get('diagnostics', issue.get('code'))}")


def _report(path: Path, tally: Tally) -> None:
    summary = ", ".join(f"{count} x {status}" for status, count in sorted(tally.statuses.items()))
    click.secho(
        f"{path.name}: {summary or 'nothing to send'}", fg="green" if tally.is_clean else "red"
    )
    for remark in tally.remarks[:20]:
        click.echo(f"  {remark}")
    if len(tally.remarks) > len(tally.remarks[:20]):
        click.echo(f"  … and {len(tally.remarks) - 20} more")
