"""The resources beside the AdverseEvent: one for each thing that a group of questions is about."""

from collections.abc import Iterator, Sequence
from itertools import chain

from psolink.fhir_json import JsonObject
from psolink.mapping.answers import Answer
from psolink.mapping.functions import Scope
from psolink.mapping.ledger import MOST, Ledger
from psolink.mapping.occurrences import occurrences, remarks
from psolink.mapping.rules import Placement, RuleSet


def derive_companions(
    rules: RuleSet, answers: Sequence[Answer], event: JsonObject, scope: Scope, ledger: Ledger
) -> Iterator[tuple[str, JsonObject]]:
    """Yield the companions by full URL, and make `event` refer to each."""
    if rules.placement is None:
        return
    for chosen in _chosen(rules, rules.placement, answers, ledger):
        resource: JsonObject = {"resourceType": rules.resource_type}
        ledger.apply(rules.rules, chosen, resource, scope)
        if len(resource) > 1:
            url = scope.context.new_urn()
            rules.placement.referenced_by.put(event, {"reference": url})
            yield url, resource


def _chosen(
    rules: RuleSet, placement: Placement, answers: Sequence[Answer], ledger: Ledger
) -> list[list[Answer]]:
    group = placement.for_each
    all_found = occurrences(answers, group)
    ledger.notes += remarks(all_found, group)
    usable = [[each for each in found if each.element.id in rules.sources] for found in all_found]
    found = [each for each in usable if each]
    shared = [
        answer
        for answer in answers
        if answer.element.id in rules.sources and answer.element.group != group.id
    ]
    if len(found) <= 1:
        return [[*(found[0] if found else []), *shared]]
    for answer in shared:
        ledger.refuse(answer, f"the report does not say to which of its {len(found)} it belongs")
    for answer in chain.from_iterable(found[MOST:]):
        ledger.refuse(answer, f"at most {MOST} things of a kind are mapped")
    return found[:MOST]
