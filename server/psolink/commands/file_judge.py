"""Judge a file as the server would judge what is in it, and say where its faults are."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from psolink.commands.files import parse_resource
from psolink.definitions import load_definitions
from psolink.errors import FhirError
from psolink.fhir_json import JsonObject
from psolink.formats.json_places import json_places
from psolink.formats.places import steps_of
from psolink.formats.xml_places import xml_places
from psolink.outcome import Issue, IssueCode, Severity
from psolink.pswp import intake
from psolink.pswp.party import Party
from psolink.terminology import Terminology
from psolink.validation import Validator
from psolink.validation.faults import Fault
from psolink.validation.profiles import (
    Profiles,
    ProfileUnusable,
    claims,
    read_resources,
    shipped_profiles,
)
from psolink.validation.special_codes import GRAMMARS


@dataclass(frozen=True, slots=True)
class Judged:
    """A file and what was found in it. One that is not readable holds no resource."""

    path: Path
    issues: tuple[Issue, ...]
    is_readable: bool = True

    @property
    def errors(self) -> int:
        """How many issues refuse it."""
        return sum(issue.is_error for issue in self.issues)


@dataclass(frozen=True, slots=True)
class FileJudge:
    """Judges files by the base rules, the rules of intake, and profiles."""

    validator: Validator
    profiles: Profiles
    asked: tuple[str, ...]
    must_support: bool = False

    @classmethod
    def make(
        cls, packages: tuple[Path, ...], asked: tuple[str, ...], *, must_support: bool = False
    ) -> "FileJudge":
        """Return a judge that knows what ships and what the packages have."""
        definitions = load_definitions()
        installed = [each for path in packages for each in read_resources(path)]
        terminology = Terminology.load(rules=GRAMMARS).including(installed)
        profiles = shipped_profiles(definitions, terminology, installed)
        return cls(Validator(definitions), profiles, asked, must_support)

    def judge(self, path: Path) -> Judged:
        """Return what is wrong with a file."""
        try:
            body = path.read_bytes()
            resource = parse_resource(body)
        except OSError as error:
            unreadable = Issue(IssueCode.PROCESSING, f"It cannot be read: {error.strerror}.")
            return Judged(path, (unreadable,), is_readable=False)
        except FhirError as error:
            return Judged(path, tuple(error.issues), is_readable=False)
        return Judged(path, _placed(tuple(self.issues_of(resource)), body))

    def issues_of(self, resource: JsonObject) -> Iterator[Issue]:
        """Yield what is wrong with a resource; profiles are judged where it is sound otherwise."""
        issues = self.validator.validate(resource)
        yield from issues
        if any(issue.is_error for issue in issues):
            return
        sender = Party("sender", "provider")
        for at, sent in _resources_sent(resource):
            yield from intake.check(sent, sender, at=at)
        root = str(resource["resourceType"])
        for url in self.asked:
            yield from self.profiles.validate(resource, url, at=root, is_thorough=self.must_support)
        for claim in claims(resource, root):
            try:
                yield from self.profiles.judge(
                    claim.resource, claim.profile, at=claim.at, is_thorough=self.must_support
                )
            except ProfileUnusable as unusable:
                yield Issue(
                    IssueCode.NOT_FOUND,
                    str(unusable),
                    claim.place,
                    Severity.WARNING,
                    Fault.PROFILE_NOT_JUDGED,
                    profile=claim.profile,
                )


def _placed(issues: tuple[Issue, ...], body: bytes) -> tuple[Issue, ...]:
    if not issues:
        return ()
    is_xml = body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    find = xml_places if is_xml else json_places
    places = find(body, {steps_of(each.expression or "") for each in issues})
    return tuple(
        replace(each, place=places.get(steps_of(each.expression or ""))) for each in issues
    )


def _resources_sent(resource: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Yield what a server would store: the resource, or those that a Bundle of requests carries."""
    if resource["resourceType"] != "Bundle" or resource["type"] not in ("batch", "transaction"):
        yield resource["resourceType"], resource
        return
    for number, entry in enumerate(resource.get("entry", ())):
        if "resource" in entry:
            yield f"Bundle.entry[{number}].resource", entry["resource"]
