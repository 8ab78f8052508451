"""Tell a story of HTTP requests in a readable way, and fail as soon as it goes wrong."""

import time
from collections.abc import Mapping
from typing import Any

import click
import requests

from psolink.fhir_json import JsonObject
from psolink.formats.json_codec import render

_TIMEOUT_SECONDS = 60


class StoryFailed(Exception):
    """A step did not give what it should."""


class Narrator:
    """Sends requests as one of the actors and says what came of them."""

    def __init__(self, base: str, tokens: Mapping[str, Mapping[str, str]]) -> None:
        self._base = base
        self._tokens = tokens
        self._session = requests.Session()

    def scene(self, number: int, title: str) -> None:
        """Begin a step of the story."""
        click.secho(f"\n({number}) {title}", bold=True)

    def say(self, text: str) -> None:
        """Explain what was seen."""
        click.echo(f"    {text}")

    def request(
        self,
        actor: str,
        method: str,
        path: str,
        body: JsonObject | None = None,
        *,
        expect: int,
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 - parsed JSON
        """Send a request, tell of it and return the answer's JSON; fail on another status."""
        began = time.perf_counter()
        answer = self._session.request(
            method,
            self._base + path,
            data=None if body is None else render(body),
            headers=self._headers(actor, headers or {}),
            timeout=_TIMEOUT_SECONDS,
        )
        milliseconds = (time.perf_counter() - began) * 1000
        is_expected = answer.status_code == expect
        what = f" {_describe(body)}" if body else ""
        status = click.style(str(answer.status_code), fg="green" if is_expected else "red")
        click.echo(f"  {actor:<10} {method} {path or '/'}{what} -> {status} {milliseconds:.0f} ms")
        if not is_expected:
            raise StoryFailed(f"{expect} was expected here: {answer.text[:2000]}")
        return answer.json() if answer.content else None

    def check(self, text: str, *, holds: bool) -> None:
        """Say what was checked; fail where it does not hold."""
        if not holds:
            raise StoryFailed(f"this does not hold: {text}")
        click.echo(f"    {click.style('✓', fg='green')} {text}")

    def _headers(self, actor: str, more: Mapping[str, str]) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._tokens[actor]['token']}",
            "Content-Type": "application/fhir+json",
            "Accept": "application/fhir+json",
            **more,
        }


def _describe(body: JsonObject) -> str:
    kind = str(body["resourceType"])
    if kind != "Bundle":
        return f"[{kind}]"
    entries = body.get("entry", [])
    return f"[{body['type']} Bundle, {len(entries)} entries]"
