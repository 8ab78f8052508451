"""Profiles: find them, put their chains together, and judge resources by them.

https://hl7.org/fhir/R4/profiling.html
"""

from collections.abc import Iterable

from psolink.definitions import Definitions
from psolink.fhir_json import JsonObject
from psolink.fhirpath import Node, resource_node
from psolink.outcome import Issue, IssueCode, Severity
from psolink.validation.faults import Fault
from psolink.validation.profiles.checker import Checker
from psolink.validation.profiles.findings import Findings
from psolink.validation.profiles.membership import ListedMembership, Membership
from psolink.validation.profiles.rules import CORE, Rules, add_elements
from psolink.validation.profiles.snapshots import snapshot_elements
from psolink.validation.scope import MAX_ISSUES


class ProfileUnusable(Exception):
    """A profile is not known, or builds on one that is not, or on itself."""


class Profiles:
    """Judges resources by the profiles among the given resources, and by those of R4."""

    def __init__(
        self,
        definitions: Definitions,
        resources: Iterable[JsonObject],
        *,
        membership: Membership | None = None,
        base: "Profiles | None" = None,
    ) -> None:
        given = list(resources)
        self._definitions = definitions
        self._base = base
        self._structures = dict(_structures(given))
        self._trees: dict[str, Rules] = {}
        self._membership = membership or ListedMembership(definitions, given)
        self._checker = Checker(definitions, self._membership, self._tree_or_none)

    def including(
        self, resources: Iterable[JsonObject], *, membership: Membership | None = None
    ) -> "Profiles":
        """Return profiles that also have these resources; what this one knows stays as it is."""
        known = membership or self._membership
        return Profiles(self._definitions, resources, membership=known, base=self)

    def knows(self, url: str) -> bool:
        """Tell whether a resource can be judged by the profile."""
        if url in self._structures or self._is_core_type(url):
            return True
        return self._base is not None and self._base.knows(url)

    def of_type(self, type_name: str) -> list[str]:
        """Return the canonical URLs of the profiles of a type, in order."""
        return sorted(
            url
            for url, each in self._structures.items()
            if url == each["url"]
            and each.get("type") == type_name
            and each.get("derivation") == "constraint"
            and not each.get("abstract")
        )

    def snapshot(self, url: str) -> JsonObject:
        """Return the StructureDefinition with all its elements, or raise `ProfileUnusable`."""
        structure, tree = self._structure(url), self._tree(url)
        elements = snapshot_elements(self._definitions, tree)
        return structure | {"snapshot": {"element": elements}}

    def validate(
        self,
        resource: JsonObject,
        profile_url: str,
        *,
        at: str | None = None,
        is_thorough: bool = False,
    ) -> list[Issue]:
        """Return what breaks the profile in a resource whose base structure is sound.

        A profile that cannot be applied is an error like any other.
        """
        try:
            return self.judge(resource, profile_url, at=at, is_thorough=is_thorough)
        except ProfileUnusable as unusable:
            root = at or resource["resourceType"]
            return [_not_judged(profile_url, str(unusable), root)]

    def judge(
        self,
        resource: JsonObject,
        profile_url: str,
        *,
        at: str | None = None,
        is_thorough: bool = False,
    ) -> list[Issue]:
        """Return what breaks the profile, or raise `ProfileUnusable`.

        If that is to be thorough, it is also told which elements that must be supported are absent.
        """
        if self._base is not None and self._base.knows(profile_url):
            return self._base.judge(resource, profile_url, at=at, is_thorough=is_thorough)
        node = resource_node(resource)
        root = at or node.type
        if self._is_core_type(profile_url):
            return self._type_issues(node.type, profile_url, root)
        structure, tree = self._structure(profile_url), self._tree(profile_url)
        if structure.get("abstract"):
            diagnostics = f"{profile_url} is abstract; name a profile that is derived from it."
            fault = Fault.PROFILE_NOT_JUDGED
            return [Issue(IssueCode.INVALID, diagnostics, root, fault=fault, profile=profile_url)]
        if structure["type"] != node.type:
            return [_other_type(profile_url, structure["type"], node.type, root)]
        findings = Findings(profile_url, node, is_thorough=is_thorough)
        try:
            self._checker.check(node, tree, (None, root, None), findings)
        except RecursionError:
            diagnostics = f"It, or the profile {profile_url}, is nested too deep; flatten it."
            return [Issue(IssueCode.TOO_COSTLY, diagnostics, root, fault=Fault.TOO_MANY)]
        return _bounded(findings.issues)

    def conforms(self, node: Node, profile_url: str) -> bool | None:
        """Tell whether a value, such as a resource or an element, keeps a profile.

        None where the profile is not known.
        """
        return self._checker.conforms(node, profile_url) if self.knows(profile_url) else None

    def _is_core_type(self, url: str) -> bool:
        bare = url.partition("|")[0]
        name = bare.removeprefix(CORE)
        return bare not in self._structures and name != bare and name in self._definitions.types

    def _type_issues(self, found: str, url: str, root: str) -> list[Issue]:
        wanted = url.partition("|")[0].removeprefix(CORE)
        kinds = {each.name for each in self._definitions.lineage(found)}
        return [] if wanted in kinds else [_other_type(url, wanted, found, root)]

    def _structure(self, url: str) -> JsonObject:
        found = self._structures.get(url)
        if found is None and self._base is not None:
            return self._base._structure(url)  # noqa: SLF001 - of the same class
        if found is None:
            raise ProfileUnusable(
                f"The profile {url} is not known here; install it, or name another."
            )
        return found

    def _tree_or_none(self, url: str) -> Rules | None:
        if url in self._structures:
            return self._tree(url)
        return self._base._tree_or_none(url) if self._base else None  # noqa: SLF001 - same class

    def _tree(self, url: str) -> Rules:
        found = self._trees.get(url)
        if found is None:
            found = self._trees[url] = self._grown(url)
        return found

    def _grown(self, url: str) -> Rules:
        chain = self._chain(url)
        try:
            found = Rules(str(chain[-1]["type"]))
            for structure in reversed(chain):
                add_elements(found, self._elements(structure))
            self._checker.prepare(found)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as fault:
            raise ProfileUnusable(
                f"The profile {url} cannot be read ({type(fault).__name__}); validate it as a "
                "StructureDefinition."
            ) from fault
        return found

    def _chain(self, url: str) -> list[JsonObject]:
        """Return the profile and those that it builds on, up to a type of R4."""
        chain: list[JsonObject] = []
        here = url
        while not self._is_core_type(here):
            structure = self._structure(here)
            if structure in chain:
                raise ProfileUnusable(
                    f"The profile {url} builds on itself; correct baseDefinition."
                )
            chain.append(structure)
            if self._stands_alone(structure):
                break
            here = str(structure.get("baseDefinition"))
        return chain

    def _elements(self, structure: JsonObject) -> list[JsonObject]:
        """Return what a profile says itself, or all that holds where its base is not known."""
        by_snapshot = "differential" not in structure or self._stands_alone(structure)
        view = structure.get("snapshot" if by_snapshot else "differential", {})
        elements: list[JsonObject] = view.get("element", [])
        return elements

    def _stands_alone(self, structure: JsonObject) -> bool:
        return "snapshot" in structure and not self.knows(str(structure.get("baseDefinition")))


def _not_judged(url: str, reason: str, root: str) -> Issue:
    fault = Fault.PROFILE_NOT_JUDGED
    return Issue(IssueCode.NOT_FOUND, reason, root, fault=fault, profile=url)


def _bounded(issues: list[Issue]) -> list[Issue]:
    if len(issues) <= MAX_ISSUES:
        return issues
    diagnostics = f"The first {MAX_ISSUES} faults are listed; mend them, then look for more."
    more = Issue(IssueCode.TOO_COSTLY, diagnostics, None, Severity.INFORMATION, Fault.TOO_MANY)
    return [*issues[:MAX_ISSUES], more]


def _structures(resources: Iterable[JsonObject]) -> Iterable[tuple[str, JsonObject]]:
    for each in resources:
        if each["resourceType"] == "StructureDefinition" and "url" in each:
            yield each["url"], each
            if "version" in each:
                yield f"{each['url']}|{each['version']}", each


def _other_type(url: str, wanted: str, found: str, root: str) -> Issue:
    diagnostics = f"{url} is a profile of {wanted}, and this is {found}; name one of {found}."
    fault = Fault.PROFILE_TYPE
    return Issue(IssueCode.STRUCTURE, diagnostics, root, fault=fault, profile=url)
