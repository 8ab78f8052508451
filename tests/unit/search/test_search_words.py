import pytest

from psolink.errors import InvalidRequest
from psolink.search.words import MAX_WORDS, words_of

NOTE = {
    "resourceType": "Condition",
    "id": "identity",
    "text": {
        "status": "generated",
        "div": '<div xmlns="http://www.w3.org/1999/xhtml" class="hidden">Fell from the <b>bed</b>'
        " &amp; broke a hip, caf\u00e9</div>",
    },
    "code": {
        "coding": [
            {"system": "http://snomed.info/sct", "code": "5913000", "display": "X-ray seen"}
        ],
        "text": "Hüftfraktur",
    },
    "subject": {"reference": "Patient/somebody", "display": "Ann Bell"},
    "recordedDate": "2024-03-10",
}
FOUND = [
    ("_text", "bed", True),
    ("_text", "BED", True),
    ("_text", "be", False),
    ("_text", "be*", True),
    ("_text", "bed hip", True),
    ("_text", "bed AND hip", True),
    ("_text", "bed floor", False),
    ("_text", "floor OR bed", True),
    ("_text", "(floor OR bed) hip", True),
    ("_text", "(floor OR bed) and knee", False),
    ("_text", "floor,hip", True),
    ("_text", "cafe", True),
    ("_text", "hidden", False),
    ("_text", "div", False),
    ("_text", "amp", False),
    ("_text", "ann", False),
    ("_text", "Hüftfraktur", False),
    ("_content", "bed", True),
    ("_content", "hüftfraktur", True),
    ("_content", "HUFT*", True),
    ("_content", "ann bell hip", True),
    ("_content", "x-ray", True),
    ("_content", "5913000", True),
    ("_content", "generated", False),
    ("_content", "somebody", False),
    ("_content", "identity", False),
    ("_content", "snomed", False),
    ("_content", "2024", False),
    ("_content", "w3", False),
    ("_content", "(be* OR knee) (hip OR knee)", True),
    ("_content", "ca*", True),
]


@pytest.mark.parametrize(("name", "value", "expected"), FOUND)
def test_words_are_found_where_they_are_read(finds, name, value, expected):
    assert finds(NOTE, name, value) is expected


@pytest.mark.parametrize("name", ["_text", "_content"])
@pytest.mark.parametrize(
    "value",
    ["", "a", "...", "OR", "bed OR", "(bed", "bed)", "()", "bed OR OR hip", "ab " * 51, "(" * 49],
)
def test_what_has_no_words_is_refused(parse, name, value):
    with pytest.raises(InvalidRequest):
        parse("Condition", (name, value))


def test_contained_narratives_are_content(finds):
    inner = {"resourceType": "Patient", "text": {"div": "<div>Zoe <i>Quinn</i></div>"}}
    outer = {"resourceType": "AdverseEvent", "contained": [inner]}
    assert finds(outer, "_content", "zoe quinn")
    assert not finds(outer, "_text", "zoe")


def test_more_words_than_are_kept_are_told_of(parse, document, matcher):
    words = " ".join(f"w{number}" for number in range(MAX_WORDS + 1))
    made = document(
        {"resourceType": "Basic", "extension": [{"url": "urn:x", "valueString": words}]}
    )
    assert len(made["words"]) == MAX_WORDS
    criteria = parse("Basic", ("_content", "anything"))
    assert matcher(criteria.unindexed, made)


def test_a_word_is_kept_once_and_not_endless():
    resource = {"resourceType": "Basic", "note": ["fall Fall FALL", "x" * 500]}
    assert sorted(words_of(resource)) == ["fall", "x" * 40]
