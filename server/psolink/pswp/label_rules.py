"""What a client may say in meta.security: ask for a designation, and repeat what the server wrote."""

from collections.abc import Collection, Iterator

from psolink.fhir_json import JsonObject
from psolink.outcome import Issue, IssueCode
from psolink.pswp import labels, resource_types
from psolink.pswp.designations import DESIGNATIONS, Designation, askable
from psolink.pswp.party import Party

_WRITTEN_BY_SERVER = {
    labels.POLICY: "The server writes the policy label from the designation",
    labels.COMPARTMENT: "The server writes the compartments of the organizations that hold the "
    "item, and only the operation $pswp-report adds a PSO",
}
_EXCLUSIONS = {"NX-CHART": "the patient's chart", "NX-BILL": "billing and discharge information"}


def asking(resource: JsonObject, party: Party, *, at: str) -> Iterator[Issue]:
    """Yield what is wrong with the designation that a new resource asks for."""
    asked = [
        (f"{at}.meta.security[{index}]", coding.get("code"))
        for index, coding in labels.codings(resource)
        if coding.get("system") == labels.DESIGNATION
    ]
    for where, code in asked[:1]:
        yield from _ask(code, resource["resourceType"], party, where)
    for where, _ in asked[1:]:
        yield Issue(
            IssueCode.DUPLICATE,
            "A resource has one designation, and this is another one: take one of them out.",
            where,
        )


def _ask(code: object, resource_type: str, party: Party, where: str) -> Iterator[Issue]:
    allowed = ", ".join(askable(party))
    designation = DESIGNATIONS.get(code) if isinstance(code, str) else None
    if designation is None:
        yield Issue(
            IssueCode.CODE_INVALID,
            f"{_quoted(code)} is no designation. This client may ask for one of {allowed}.",
            where,
        )
    elif code not in askable(party):
        yield Issue(
            IssueCode.BUSINESS_RULE,
            f"An item becomes {code} by {designation.set_by}, and not at the wish of this client, "
            f"which may ask for one of {allowed}.",
            where,
        )
    elif designation.pswp and not resource_types.shipped().can_be_pswp(resource_type):
        yield Issue(IssueCode.BUSINESS_RULE, _no_work_product(resource_type), where)


def _no_work_product(resource_type: str) -> str:
    exclusion = resource_types.shipped().exclusion(resource_type)
    if exclusion is None:
        return f"A {resource_type} cannot be patient safety work product: take the designation out."
    return (
        f"{resource_type} is an original record ({exclusion}, {_EXCLUSIONS[exclusion]}), which is "
        "never patient safety work product (42 USC 299b-21(7)(B)): take the designation out, and "
        "label only the copy or analysis that is kept in the patient safety evaluation system."
    )


def written_by_server(
    resource: JsonObject, expected: Collection[tuple[object, object]], *, at: str
) -> Iterator[Issue]:
    """Yield the policy and compartment labels that are not among those the server writes."""
    for index, coding in labels.codings(resource):
        text = _WRITTEN_BY_SERVER.get(str(coding.get("system")))
        if text and labels.key(coding) not in expected:
            yield Issue(
                IssueCode.BUSINESS_RULE,
                f"{text}: leave {_quoted(coding.get('code'))} out.",
                f"{at}.meta.security[{index}]",
            )


def confidentiality(resource: JsonObject, allowed: Collection[str], *, at: str) -> Iterator[Issue]:
    """Yield the labels of confidentiality of a work product item that are not allowed for it."""
    is_first = True
    for index, coding in labels.codings(resource):
        if coding.get("system") != labels.CONFIDENTIALITY:
            continue
        where = f"{at}.meta.security[{index}]"
        if coding.get("code") not in allowed:
            yield Issue(
                IssueCode.BUSINESS_RULE,
                f"The confidentiality of this item is {' or '.join(allowed)}, and this says "
                f"{_quoted(coding.get('code'))}: leave it out.",
                where,
            )
        elif not is_first:
            yield Issue(
                IssueCode.DUPLICATE,
                "Patient safety work product has one confidentiality: take one of them out.",
                where,
            )
        is_first = False


def designation_kept(
    resource: JsonObject, current: Designation | None, *, at: str
) -> Iterator[Issue]:
    """Yield the designation labels of an update that differ from the current designation."""
    for index, coding in labels.codings(resource):
        if coding.get("system") != labels.DESIGNATION:
            continue
        code = coding.get("code")
        if current is None or code != current.code:
            yield Issue(
                IssueCode.BUSINESS_RULE,
                f"{_how(code)}, and an update does not change the designation of an item, which "
                f"is {current.code if current else 'none'}. Send the labels that you read, or "
                "leave them out.",
                f"{at}.meta.security[{index}]",
            )


def _how(code: object) -> str:
    designation = DESIGNATIONS.get(code) if isinstance(code, str) else None
    if designation is None:
        return f"{_quoted(code)} is no designation"
    return f"An item becomes {code} by {designation.set_by}"


def _quoted(code: object) -> str:
    return repr(code if code is None else str(code)[:64])
