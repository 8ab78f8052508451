"""What the event is called, and in which categories it is found."""

from tests.unit.mapping.reports import coded, event_of, extract, incident, item, report

from psolink.fhir_json import JsonObject
from psolink.mapping import Mapper

OTHER = coded("A66")


def category_texts(event: JsonObject) -> list[str]:
    return [each["text"] for each in event["category"] if "text" in each]


def test_a_code_that_two_answers_share_is_one_coding(mapper: Mapper):
    event = event_of(mapper, incident(item("DE291", OTHER), item("DE312", OTHER)))
    assert [each["code"] for each in event["event"]["coding"]] == ["A66", "LA20318-4"]
    assert event["event"]["text"] == "Incorrect action: Other; Contraindication type: Other"


def test_a_stated_category_goes_before_that_of_the_form(mapper: Mapper):
    event = event_of(mapper, incident(item("DE21", coded("A48")), item("DE270", coded("A1197"))))
    assert category_texts(event)[1] == "Event category: Fall"
    assert "Event category: Medication or Other Substance" not in category_texts(event)


def test_without_a_stated_category_it_is_that_of_the_form(mapper: Mapper):
    extraction = extract(mapper, incident(item("DE270", coded("A1197"))))
    assert "Event category: Medication or Other Substance" in category_texts(
        extraction.resources[0][1]
    )
    assert any("DE21" in issue.diagnostics for issue in extraction.issues)


def test_the_same_category_is_there_once(mapper: Mapper):
    event = event_of(mapper, incident(item("DE291", coded("A585"), coded("A1272"))))
    standard = [each for each in event["category"] if "text" not in each]
    assert len(standard) == 1


def test_a_near_miss_is_told_from_an_unsafe_condition_by_its_category(mapper: Mapper):
    first, second = (event_of(mapper, report(item("DE3", coded(code)))) for code in ("A6", "A9"))
    assert first["actuality"] == second["actuality"]
    assert first["category"] != second["category"]
