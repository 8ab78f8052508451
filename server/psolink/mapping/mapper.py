"""Derive an AdverseEvent and its companions from a Common Formats report.

https://hl7.org/fhir/R4/adverseevent.html
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from psolink.artifacts import artifact_dir
from psolink.definitions import Definitions, load_definitions
from psolink.fhir_json import JsonObject
from psolink.mapping.answers import Answer, Kept, Mapped
from psolink.mapping.companions import derive_companions
from psolink.mapping.extraction import Extraction, MappingContext
from psolink.mapping.functions import Scope
from psolink.mapping.ledger import Ledger
from psolink.mapping.library import EVENT, Library, load_library
from psolink.mapping.provenance import provenance_of
from psolink.mapping.reader import read_answers
from psolink.mapping.skip_logic import oddities
from psolink.mapping.subject import subject_of
from psolink.outcome import Issue, IssueCode, Severity

_ORDER = (Severity.FATAL, Severity.ERROR, Severity.WARNING, Severity.INFORMATION)
_Resources = list[tuple[str, JsonObject]]


@dataclass(frozen=True, slots=True)
class Mapper:
    """The mapping of one version of the Common Formats, ready for use."""

    library: Library
    subject_types: tuple[str, ...]

    @classmethod
    def load(cls, folder: Path | None = None, definitions: Definitions | None = None) -> "Mapper":
        """Return the mapper of the data in `folder`, by default of V1.2; raise `MappingBroken`."""
        definitions = definitions or load_definitions()
        folder = folder or artifact_dir("mappings") / "common-formats" / "v1.2"
        subject = definitions.types[EVENT].elements["subject"]
        return cls(load_library(folder, definitions), subject.targets)

    def extract(self, response: JsonObject, context: MappingContext) -> Extraction:
        """Return what `response` says as FHIR resources, and what became of each answer."""
        entries = list(read_answers(response, self.library.dictionary))
        answers = [entry for entry in entries if isinstance(entry, Answer)]
        fault = _unusable(response, answers)
        if fault is not None:
            return _refused(entries, fault, context)
        ledger = Ledger()
        resources = self._derive(response, answers, context, ledger)
        if "actuality" not in resources[0][1]:
            return _refused(entries, _no_actuality(), context)
        settled = [ledger.settle(entry, self.library) for entry in entries]
        issues = [*oddities(answers, self.library.dictionary), *ledger.notes]
        return _accounted(settled, resources, issues, context)

    def _derive(
        self,
        response: JsonObject,
        answers: Sequence[Answer],
        context: MappingContext,
        ledger: Ledger,
    ) -> _Resources:
        scope = Scope(context, self.library.dictionary)
        event: JsonObject = {"resourceType": EVENT}
        url = context.new_urn()
        ledger.apply(self.library.event.rules, answers, event, scope)
        event["subject"], warning = subject_of(response, event, self.subject_types)
        if warning is not None:
            ledger.notes.append(warning)
        companions = [
            companion
            for rules in self.library.companions
            for companion in derive_companions(rules, answers, event, scope, ledger)
        ]
        resources = [(url, event), *companions]
        source = provenance_of([each for each, _ in resources], context)
        return [*resources, (context.new_urn(), source)]


def _accounted(
    settled: Sequence[Mapped | Kept],
    resources: _Resources,
    issues: Sequence[Issue],
    context: MappingContext,
) -> Extraction:
    mapped = tuple(each for each in settled if isinstance(each, Mapped))
    kept = tuple(each for each in settled if isinstance(each, Kept))
    told = [*issues, *(each.to_issue() for each in kept)]
    told.sort(key=lambda issue: _ORDER.index(issue.severity))
    return Extraction(tuple(resources), told, mapped, kept, context.new_urn())


def _refused(entries: Sequence[Answer | Kept], fault: Issue, context: MappingContext) -> Extraction:
    kept = tuple(_with_the_report(entry) for entry in entries)
    unreadable = [entry.to_issue() for entry in entries if isinstance(entry, Kept)]
    return Extraction((), [fault, *unreadable], (), kept, context.new_urn())


def _with_the_report(entry: Answer | Kept) -> Kept:
    if isinstance(entry, Kept):
        return entry
    return Kept(entry.link_id, entry.expression, "no AdverseEvent can be derived from the report")


def _unusable(response: JsonObject, answers: Sequence[Answer]) -> Issue | None:
    return next(_faults(response, answers), None)


def _faults(response: JsonObject, answers: Sequence[Answer]) -> Iterator[Issue]:
    found = response.get("resourceType")
    if found != "QuestionnaireResponse":
        yield Issue(
            IssueCode.INVALID,
            f"A Common Formats report is a QuestionnaireResponse, and this is {str(found)[:64]!r}.",
            "resourceType",
        )
    if response.get("status") == "entered-in-error":
        yield Issue(
            IssueCode.BUSINESS_RULE,
            "The report was entered in error, so that nothing is derived from it.",
            "QuestionnaireResponse.status",
        )
    if not answers:
        yield Issue(
            IssueCode.REQUIRED,
            "No answer to an element of the Common Formats V1.2 (HERF or Medication) could be read. "
            "Give items the id of the data element as linkId, such as DE3, or a path that ends in "
            "its LOINC code, such as 74080-3/74076-1.",
            "QuestionnaireResponse.item",
        )


def _no_actuality() -> Issue:
    return Issue(
        IssueCode.REQUIRED,
        "The report does not say whether the event reached a patient, and an AdverseEvent needs to "
        "know (actuality). Answer DE3 (kind of concern) with A3, A6 or A9, or, in a report of the "
        "medication form alone, DE288 (characterization of the event).",
        "QuestionnaireResponse.item",
    )
