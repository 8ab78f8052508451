import pytest

from psolink.errors import InvalidRequest
from psolink.outcome import IssueCode
from psolink.search.criteria import MAX_TERMS
from psolink.search.result_parameters import RESULT_PARAMETERS


def issues_of(parse, resource_type: str, *pairs: tuple[str, str], **options: object):
    with pytest.raises(InvalidRequest) as failure:
        parse(resource_type, *pairs, **options)
    return failure.value.issues


def test_without_parameters_all_of_the_type_are_meant(parse):
    assert parse("Patient").filter == {"type": "Patient"}
    assert parse("Patient").key == "Patient?"


def test_several_parameters_must_all_hold(parse):
    criteria = parse("Patient", ("gender", "male"), ("family", "bell"), ("family", "be"))
    assert criteria.filter == {
        "type": "Patient",
        "$and": [
            {"string": {"$elemMatch": {"p": "family", "v": {"$gte": "be", "$lt": "bf"}}}},
            {"string": {"$elemMatch": {"p": "family", "v": {"$gte": "bell", "$lt": "belm"}}}},
            {"token": {"$elemMatch": {"p": "gender", "c": "male"}}},
        ],
    }


def test_a_repeated_parameter_may_be_met_by_different_values(parse, document, matcher):
    patient = {"resourceType": "Patient", "name": [{"given": ["Ann", "Sue"]}]}
    both = parse("Patient", ("given", "ann"), ("given", "sue"))
    other = parse("Patient", ("given", "ann"), ("given", "zoe"))
    assert matcher(both.filter, document(patient))
    assert not matcher(other.filter, document(patient))


@pytest.mark.parametrize(
    ("pairs", "same"),
    [
        pytest.param(
            [("gender", "male"), ("family", "Bell")],
            [("family", "Bell"), ("gender", "male")],
            id="another order of parameters",
        ),
        pytest.param([("_id", "a,b")], [("_id", "b,a")], id="another order of values"),
        pytest.param([("_id", "a,a")], [("_id", "a")], id="a value twice"),
        pytest.param(
            [("gender", "male"), ("gender", "male")], [("gender", "male")], id="a parameter twice"
        ),
        pytest.param([("birthdate", "eq2024")], [("birthdate", "2024")], id="a prefix implied"),
        pytest.param(
            [("organization", "https://psolink.example/fhir/Organization/1")],
            [("organization", "Organization/1")],
            id="a URL of this server",
        ),
        pytest.param(
            [("organization", "Organization/1")],
            [("organization", "Organization/1")],
            id="no change",
        ),
    ],
)
def test_the_same_criteria_have_the_same_key_and_filter(parse, pairs, same):
    one, other = parse("Patient", *pairs), parse("Patient", *same)
    assert (one.key, one.used, one.filter) == (other.key, other.used, other.filter)


@pytest.mark.parametrize(
    ("pairs", "others"),
    [
        ([("identifier", "a|b")], [("identifier", r"a\|b")]),
        ([("identifier", "a,b")], [("identifier", r"a\,b")]),
        ([("identifier", "a|")], [("identifier", "|a")]),
        ([("given", "a"), ("given", "b")], [("given", "a,b")]),
        ([("given", "a&family=b")], [("given", "a"), ("family", "b")]),
        ([("birthdate", "ge2024")], [("birthdate", "gt2024")]),
    ],
)
def test_other_criteria_have_another_key(parse, pairs, others):
    assert parse("Patient", *pairs).key != parse("Patient", *others).key


def test_types_have_different_keys(parse):
    assert parse("Patient", ("_id", "1")).key != parse("Group", ("_id", "1")).key


def test_used_criteria_can_be_asked_again(parse):
    pairs = [
        ("identifier", r"a\,b|c\|d,|x"),
        ("family", r"O\$x\\y"),
        ("birthdate", "eq2024,ne2023"),
    ]
    criteria = parse("Patient", *pairs)
    again = parse("Patient", *criteria.used)
    assert (again.used, again.filter, again.key) == (criteria.used, criteria.filter, criteria.key)


def test_an_id_is_that_of_the_document(parse):
    assert parse("Patient", ("_id", "a")).filter == {"type": "Patient", "id": "a"}
    assert parse("Patient", ("_id", "b,a")).filter == {"type": "Patient", "id": {"$in": ["a", "b"]}}


@pytest.mark.parametrize("value", ["a b", "a/b", "", "a,", "é", "x" * 65])
def test_what_is_no_id_is_refused(parse, value):
    assert [each.code for each in issues_of(parse, "Patient", ("_id", value))] == [IssueCode.VALUE]


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("identifer", "Did you mean identifier?"),
        ("nothing-like-it", "It has _content, _id, _lastUpdated,"),
        ("_sort", "form of a result"),
        ("_include", "form of a result"),
        ("_include:iterate", "form of a result"),
        ("_revinclude", "form of a result"),
        ("_type", "form of a result"),
        ("_count", "form of a result"),
        ("phonetic", "not supported yet"),
        ("", "has no search parameter"),
    ],
)
def test_what_is_not_known_or_not_supported_is_refused_with_advice(parse, name, advice):
    (issue,) = issues_of(parse, "Patient", (name, "x"))
    assert issue.code is IssueCode.NOT_SUPPORTED
    assert advice in issue.diagnostics


def test_all_faults_are_told_at_once(parse):
    pairs = [("birthdate", "soon"), ("nmae", "x"), ("identifier", "a|b|c"), ("gender", "male")]
    found = issues_of(parse, "Patient", *pairs)
    assert [each.code for each in found] == ["value", "not-supported", "value"]
    assert ["birthdate" in found[0].diagnostics, "nmae" in found[1].diagnostics] == [True, True]


def test_lenient_handling_passes_over_what_is_not_known(parse):
    pairs = [("nmae", "x"), ("gender", "male"), ("organization.nmae", "Bell")]
    criteria = parse("Patient", *pairs, lenient=True)
    assert criteria.ignored == ("nmae", "organization.nmae")
    assert criteria.used == (("gender", "male"),)


def test_lenient_handling_does_not_pass_over_a_malformed_value(parse):
    (issue,) = issues_of(parse, "Patient", ("nmae", "x"), ("birthdate", "soon"), lenient=True)
    assert issue.code is IssueCode.VALUE


@pytest.mark.parametrize("name", ["gender:above-all", "gender:", "gender:Patient", "_id:missing"])
@pytest.mark.parametrize("lenient", [True, False])
def test_an_unsupported_modifier_is_refused_however_lenient_the_handling(parse, name, lenient):
    (issue,) = issues_of(parse, "Patient", (name, "x"), lenient=lenient)
    assert issue.code is IssueCode.NOT_SUPPORTED
    assert "has no modifier" in issue.diagnostics


def test_every_parameter_with_values_can_be_missing(finds):
    patient = {"resourceType": "Patient", "gender": "male"}
    expected = [("gender", "false"), ("birthdate", "true")]
    for code, is_missing in expected:
        assert finds(patient, f"{code}:missing", is_missing)
        assert not finds(patient, f"{code}:missing", "true" if is_missing == "false" else "false")


def test_whether_a_parameter_is_missing_is_a_truth_value(parse):
    (issue,) = issues_of(parse, "Patient", ("gender:missing", "yes"))
    assert "true or false" in issue.diagnostics


def test_an_unknown_type_is_refused(parse):
    (issue,) = issues_of(parse, "Patiant")
    assert "Patiant" in issue.diagnostics


def test_the_number_of_parameters_and_values_is_limited(parse):
    assert issues_of(parse, "Patient", *[("_id", "a")] * (MAX_TERMS + 1))
    assert issues_of(parse, "Patient", ("_id", ",".join("a" * (MAX_TERMS + 1))))
    assert issues_of(parse, "Patient", *[("_id", "a,a")] * (MAX_TERMS // 2 + 1))
    assert parse("Patient", ("_id", ",".join("a" * MAX_TERMS))).used == (("_id", "a"),)


def test_long_input_is_not_repeated_whole(parse):
    (issue,) = issues_of(parse, "Patient", ("x" * 100_000, "1"))
    assert len(issue.diagnostics) < 2000


def test_result_parameters_are_no_criteria(parse):
    for name in RESULT_PARAMETERS:
        (issue,) = issues_of(parse, "Patient", (name, "1"))
        assert issue.code is IssueCode.NOT_SUPPORTED


def test_criteria_know_which_documents_they_may_miss(parse, matcher):
    criteria = parse("Patient", ("gender", "male"), ("_id", "1"), ("family", "bell"))
    missed = {"type": "Patient", "token": [{"p": "_unindexed", "s": "", "c": "family"}]}
    other = {"type": "Patient", "token": [{"p": "_unindexed", "s": "", "c": "given"}]}
    assert criteria.unindexed is not None
    assert matcher(criteria.unindexed, missed)
    assert not matcher(criteria.unindexed, other)
    assert parse("Patient", ("_id", "1")).unindexed is None


def test_no_parameter_has_the_name_that_marks_what_is_not_indexed(parse):
    assert (
        "has no search parameter" in issues_of(parse, "Patient", ("_unindexed", "x"))[0].diagnostics
    )
