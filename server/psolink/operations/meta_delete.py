"""`$meta-delete`: take profiles, tags and security labels from a resource.

https://hl7.org/fhir/R4/resource-operation-meta-delete.html
"""

from collections.abc import Iterator

from psolink.errors import Unprocessable
from psolink.fhir_json import JsonObject
from psolink.interactions.context import Context
from psolink.interactions.result import Result
from psolink.operations.called import Called
from psolink.operations.meta_labels import LABELS, PROFILE, SENT_AT, identity, sent
from psolink.operations.meta_update import update_meta
from psolink.outcome import Issue, IssueCode
from psolink.pswp import labels


def meta_delete(ctx: Context, body: JsonObject, called: Called) -> Result:
    """Return the meta without what was deleted; deleting what is not there changes nothing."""
    deleted = sent(ctx, body)

    def change(meta: JsonObject) -> JsonObject:
        kept = meta | {
            name: _difference(meta.get(name, []), deleted[name])
            for name in (PROFILE, *LABELS)
            if name in deleted
        }
        return {name: each for name, each in kept.items() if each}

    return update_meta(ctx, called, change, check=lambda content: _managed(content, deleted))


def _managed(content: JsonObject, deleted: JsonObject) -> None:
    """Raise `Unprocessable` for each label that is the server's."""
    issues = list(_managed_issues(content, deleted))
    if issues:
        raise Unprocessable.of(issues)


def _managed_issues(content: JsonObject, deleted: JsonObject) -> Iterator[Issue]:
    systems = labels.server_systems(labels.designation_of(content))
    for index, coding in enumerate(deleted.get("security", ())):
        if coding.get("system") in systems:
            yield Issue(
                IssueCode.BUSINESS_RULE,
                f"The label {str(coding.get('code'))[:64]!r} is managed by the server from the "
                "designation of the resource, and cannot be deleted: leave it out.",
                f"{SENT_AT}.security[{index}]",
            )


def _difference(present: list[object], deleted: list[object]) -> list[object]:
    gone = [identity(each) for each in deleted]
    return [each for each in present if identity(each) not in gone]
