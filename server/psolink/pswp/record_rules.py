"""What a client may say in the PSWP record: its own parts, and the server's as the server wrote them."""

from collections import Counter
from collections.abc import Iterator

from psolink.fhir_json import JsonObject
from psolink.outcome import Issue, IssueCode
from psolink.pswp import purposes, record
from psolink.pswp.designations import UNDETERMINED, Designation
from psolink.pswp.record import Part, PswpRecord


def check(
    resource: JsonObject, designation: Designation | None, expected: PswpRecord, *, at: str
) -> Iterator[Issue]:
    """Yield what is wrong with the record of a resource, where the server writes `expected`."""
    for count, (index, extension) in enumerate(record.extensions(resource)):
        where = f"{at}.meta.extension[{index}]"
        if count:
            yield Issue(
                IssueCode.DUPLICATE, "A resource has one PSWP record: take this one out.", where
            )
        elif designation is None:
            yield Issue(
                IssueCode.BUSINESS_RULE,
                "A PSWP record goes with a designation, and this resource has none: ask for a "
                "designation in meta.security when you create it, or leave the record out.",
                where,
            )
        else:
            yield from _parts(extension, designation, expected, where)


def _parts(
    extension: JsonObject, designation: Designation, expected: PswpRecord, at: str
) -> Iterator[Issue]:
    seen: Counter[str] = Counter()
    for index, each in record.sub_extensions(extension):
        where = f"{at}.extension[{index}]"
        part = record.part_of(each)
        if part is None:
            yield Issue(
                IssueCode.EXTENSION,
                f"The PSWP record has no such part; it has {', '.join(record.PARTS)}.",
                f"{where}.url",
            )
            continue
        seen[part.name] += 1
        if seen[part.name] > 1 and not part.repeats:
            yield Issue(IssueCode.STRUCTURE, f"{part.name} may be there once: take one out.", where)
        yield from _part(each, part, designation, expected, where)


def _part(
    sub_extension: JsonObject,
    part: Part,
    designation: Designation,
    expected: PswpRecord,
    at: str,
) -> Iterator[Issue]:
    if part.value not in sub_extension:
        yield Issue(IssueCode.STRUCTURE, f"{part.name} needs {part.value}.", at)
    elif part.set_by:
        if part.read(sub_extension[part.value]) not in record.values(expected, part):
            yield Issue(
                IssueCode.BUSINESS_RULE,
                f"{part.name} is written by {part.set_by}: leave it out.",
                f"{at}.{part.value}",
            )
    elif part.attribute == "purposes_of_creation":
        yield from _purpose(sub_extension[part.value], designation, f"{at}.{part.value}")


def _purpose(code: object, designation: Designation, at: str) -> Iterator[Issue]:
    known = purposes.blocking()
    if not isinstance(code, str) or code not in known:
        yield Issue(
            IssueCode.CODE_INVALID,
            f"This is no purpose of creation; known are {', '.join(known)}.",
            at,
        )
    elif known[code] and designation.pswp and designation.code != UNDETERMINED:
        yield Issue(
            IssueCode.BUSINESS_RULE,
            f"What was made for the purpose {code} is no patient safety work product (pswp-9), and "
            f"this is {designation.code}. Keep such a record outside the evaluation system; an "
            "item that is in it leaves by the operation $pswp-dropout.",
            at,
        )
