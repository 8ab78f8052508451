"""`psolink fhirpath`"""

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner
from tests.builders import patient

from psolink.artifacts import artifact_dir
from psolink.cli import main

ANN = patient(name=[{"family": "Bell", "given": ["Ann", "Sue"]}], birthDate="1974-12-25")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "patient.json"
    path.write_text(json.dumps(ANN))
    return str(path)


@pytest.fixture
def batch(tmp_path):
    def run(*cases):
        path = tmp_path / "cases.jsonl"
        path.write_text("\n".join(c if isinstance(c, str) else json.dumps(c) for c in cases))
        answer = CliRunner().invoke(main, ["fhirpath", "--batch", str(path)])
        return answer.exit_code, [json.loads(line) for line in answer.output.splitlines()]

    return run


def evaluate(*arguments):
    return CliRunner().invoke(main, ["fhirpath", *arguments])


def test_each_item_is_a_line_with_its_type(file):
    answer = evaluate("name.given | name.given.count()", file)
    assert answer.exit_code == 0
    assert [json.loads(line) for line in answer.output.splitlines()] == [
        {"type": "FHIR.string", "value": "Ann"},
        {"type": "FHIR.string", "value": "Sue"},
        {"type": "System.Integer", "value": 2},
    ]


@pytest.mark.parametrize("expression", ["name.", "name.nope", "name.given.single()", "1 + 'a'"])
def test_a_wrong_expression_ends_with_4(file, expression):
    answer = evaluate(expression, file)
    assert (answer.exit_code, "Traceback" in answer.output) == (4, False)


def test_an_expression_that_finds_nothing_ends_with_0(file):
    assert (evaluate("photo", file).exit_code, evaluate("photo", file).output) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["id", "nowhere.json"], id="no such file"),
        pytest.param(["--batch", "nowhere.jsonl"], id="no such file of cases"),
        pytest.param(["id"], id="no file"),
        pytest.param([], id="nothing"),
    ],
)
def test_without_a_file_that_can_be_read_it_ends_with_2(arguments):
    assert evaluate(*arguments).exit_code == 2


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1.50", {"type": "System.Decimal", "value": 1.5}),
        ("4 'mg'", {"type": "System.Quantity", "value": {"value": 4, "unit": "mg"}}),
        ("name", {"type": "FHIR.HumanName", "value": ANN["name"][0]}),
        ("birthDate", {"type": "FHIR.date", "value": "1974-12-25"}),
        ("birthDate + 1 year", {"type": "System.Date", "value": "1975-12-25"}),
        ("$this is Patient", {"type": "System.Boolean", "value": True}),
        ("today() > birthDate", {"type": "System.Boolean", "value": True}),
        (
            "gender.memberOf('http://hl7.org/fhir/ValueSet/administrative-gender')",
            None,
        ),
        (
            "conformsTo('http://hl7.org/fhir/StructureDefinition/Patient')",
            {"type": "System.Boolean", "value": True},
        ),
        (
            "conformsTo('http://hl7.org/fhir/StructureDefinition/Person')",
            {"type": "System.Boolean", "value": False},
        ),
    ],
)
def test_a_case_is_answered_by_its_result(batch, expression, expected):
    code, (answer,) = batch({"id": "a", "resource": ANN, "expression": expression})
    assert (code, answer) == (0, {"id": "a", "result": [expected] if expected else []})


EXAMPLES = artifact_dir("profiles") / "psolink" / "examples"
PSWP = "https://psolink.example/fhir"
SENT = json.loads((EXAMPLES / "AdverseEvent-as-sent.json").read_text())
UNNUMBERED = {name: each for name, each in SENT.items() if name != "identifier"}
EVENT_PROFILE = f"conformsTo('{PSWP}/StructureDefinition/pswp-adverse-event')"
CORE = "http://hl7.org/fhir"


@pytest.mark.parametrize(
    ("resource", "expression", "expected"),
    [
        pytest.param(SENT, EVENT_PROFILE, True, id="what keeps a profile that ships"),
        pytest.param(UNNUMBERED, EVENT_PROFILE, False, id="what breaks it"),
        pytest.param(SENT | {"actuality": "x"}, EVENT_PROFILE, False, id="what breaks R4 itself"),
        pytest.param(ANN, EVENT_PROFILE, False, id="a resource of another type"),
        pytest.param(
            ANN,
            f"(1).conformsTo('{CORE}/StructureDefinition/Patient|4.0.1')",
            False,
            id="a number, by a version of a type",
        ),
        pytest.param(
            SENT,
            f"meta.security.where(memberOf('{PSWP}/ValueSet/pswp-designation')).count() = 1",
            True,
            id="a coding in a value set that ships",
        ),
        pytest.param(
            SENT,
            f"'pswp-pending'.memberOf('{CORE}/ValueSet/administrative-gender')",
            False,
            id="a code that a value set lacks",
        ),
        pytest.param(
            None,
            f"'safety-analysis'.memberOf('{PSWP}/ValueSet/pswp-purpose-blocking')",
            False,
            id="a code that a value set leaves out by a filter",
        ),
        pytest.param(
            None,
            f"'billing'.memberOf('{PSWP}/ValueSet/pswp-purpose-blocking')",
            True,
            id="a code that a value set has by a filter",
        ),
    ],
)
def test_profiles_and_value_sets_are_those_that_ship(batch, resource, expression, expected):
    _, (answer,) = batch({"id": 1, "resource": resource, "expression": expression})
    assert answer["result"] == [{"type": "System.Boolean", "value": expected}]


@pytest.mark.parametrize(
    "case",
    [
        {"resource": ANN, "expression": "conformsTo('http://example.org/unknown')"},
        {"resource": ANN, "expression": "'x'.memberOf('http://example.org/unknown')"},
        {"resource": ANN, "expression": "%unknown"},
        {"resource": ANN, "expression": 1},
        {"resource": [], "expression": "1"},
        {"resource": ANN, "expression": "1", "context": 1},
        {"resource": ANN, "expression": "1", "environment": 1},
        {"resource": ANN, "expression": "%x", "environment": {"x": {"family": "Bell"}}},
        {},
    ],
)
def test_a_case_that_fails_is_answered_by_its_error(batch, case):
    code, (answer,) = batch({"id": 7, **case})
    assert (code, answer["id"], sorted(answer)) == (0, 7, ["error", "id"])


def test_a_context_is_where_the_expression_begins(batch):
    _, (answer,) = batch(
        {"id": 1, "resource": ANN, "context": "name.given", "expression": "$this & %context"}
    )
    assert [each["value"] for each in answer["result"]] == ["AnnAnn", "SueSue"]


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("a", ["a"]),
        (1, [1]),
        (True, [True]),
        ([1, "b"], [1, "b"]),
        (None, []),
        ({"type": "FHIR.HumanName", "value": {"family": "Bell"}}, [{"family": "Bell"}]),
    ],
)
def test_the_environment_gives_variables(batch, given, value):
    _, (answer,) = batch({"id": 1, "expression": "%given", "environment": {"%given": given}})
    assert [each["value"] for each in answer["result"]] == value


def test_a_resource_of_the_environment_can_be_looked_into(batch):
    case = {"id": 1, "expression": "%other.name.family", "environment": {"other": ANN}}
    _, (answer,) = batch(case)
    assert answer["result"] == [{"type": "FHIR.string", "value": "Bell"}]


def test_a_case_without_a_resource_begins_with_nothing(batch):
    cases = [{"id": n, "expression": each} for n, each in enumerate(["1 + 1", "name", "%resource"])]
    _, answers = batch(*cases)
    two = {"type": "System.Integer", "value": 2}
    assert [each["result"] for each in answers] == [[two], [], []]


def test_cases_are_answered_one_by_one_from_standard_input():
    command = [sys.executable, "-m", "psolink", "fhirpath", "--batch", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in (1, 2):
            process.stdin.write(b'{"id": %d, "expression": "\'\xc3\xa9\'"}\n' % number)
            process.stdin.flush()
            # The answer is there before the next case is.
            assert json.loads(process.stdout.readline())["result"][0]["value"] == "é"
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_a_line_of_other_bytes_does_not_stop_the_batch(tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b'\xff\xfe{"id": 1}\r\n\r\n{"id": 2, "expression": "1"}\r\n' + b"[" * 100_000)
    answer = evaluate("--batch", str(path))
    assert answer.exit_code == 2
    answers = [json.loads(line) for line in answer.output.splitlines()]
    assert [sorted(each) for each in answers] == [
        ["error", "id"],
        ["id", "result"],
        ["error", "id"],
    ]


def test_a_resource_may_be_in_a_file_of_xml(tmp_path):
    path = tmp_path / "patient"
    path.write_text('\n<Patient xmlns="http://hl7.org/fhir"><gender value="female"/></Patient>')
    assert json.loads(evaluate("gender", str(path)).output) == {
        "type": "FHIR.code",
        "value": "female",
    }


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("1", "System.Integer"),
        ("1.0", "System.Decimal"),
        ("'a'", "System.String"),
        ("true", "System.Boolean"),
        ("@2020", "System.Date"),
        ("@2020T", "System.DateTime"),
        ("@T10", "System.Time"),
        ("1 'mg'", "System.Quantity"),
        ("$this", "FHIR.Patient"),
        ("gender", "FHIR.code"),
        ("name", "FHIR.HumanName"),
        ("contact", "FHIR.BackboneElement"),
        ("extension.value", "FHIR.Age"),
        ("name.family.getValue()", "System.String"),
    ],
)
def test_types_are_as_the_function_type_names_them(batch, expression, name):
    age = {"url": "urn:age", "valueAge": {"value": 3}}
    resource = ANN | {"gender": "female", "contact": [{"gender": "male"}], "extension": [age]}
    named = f"({expression}).type().select(namespace & '.' & name)"
    cases = [{"id": 1, "resource": resource, "expression": each} for each in (expression, named)]
    _, (found, told) = batch(*cases)
    assert {each["type"] for each in found["result"]} == {name}
    assert {each["value"] for each in told["result"]} == {name}


def test_a_line_separator_within_a_string_does_not_end_the_case(batch):
    case = json.dumps({"id": 1, "expression": "'\u2028'.length()"}, ensure_ascii=False)
    assert batch(case)[1][0]["result"][0]["value"] == 1


def test_a_line_that_is_no_case_ends_with_2_and_the_others_are_answered(batch):
    code, answers = batch(
        "{", {"id": 1, "expression": "true"}, "[]", '{"a": NaN}', '{"a": "\\ud800"}'
    )
    assert (code, [each["id"] for each in answers]) == (2, [None, 1, None, None, None])
