import pytest

from psolink.fhirpath import FhirPathError, resource_node

TYPES = [
    ("Patient.name", {"HumanName"}),
    ("Patient.name.given", {"string"}),
    ("Patient.contact", {"Patient.contact"}),
    ("Patient.contact.name.family", {"string"}),
    ("Observation.value.ofType(Quantity).unit", {"string"}),
    ("(Observation.value as Period).start", {"dateTime"}),
    ("Patient.deceased", {"boolean", "dateTime"}),
    ("Patient.deceased.ofType(dateTime)", {"dateTime"}),
    ("Patient.name.where(use = 'official')", {"HumanName"}),
    ("Patient.name[0].family.first()", {"string"}),
    ("Patient.name.select(given | family)", {"string"}),
    ("Patient.name.exists()", {"System.Boolean"}),
    ("Patient.name.count()", {"System.Integer"}),
    ("Patient.name.family & 'x'", {"System.String"}),
    ("Patient.birthDate = @2020", {"System.Boolean"}),
    ("Patient.active and true", {"System.Boolean"}),
    ("Patient.birthDate.value", {"System.Date"}),
    ("Patient.extension('urn:x')", {"Extension"}),
    ("iif(Patient.active, Patient.name, Patient.gender)", {"HumanName", "code"}),
    ("Patient.name | Patient.gender", {"HumanName", "code"}),
    ("Bundle.entry.resource", {"Resource"}),
    ("Bundle.entry.resource.ofType(Patient).name", {"HumanName"}),
    ("Bundle.entry.link", {"Bundle.link"}),
    ("'a'", {"System.String"}),
    ("3 'mg'", {"System.Quantity"}),
    ("{}", set()),
    ("Bundle.entry.resource.id", None),
    ("name", None),
    ("$this", None),
    ("Patient.managingOrganization.resolve()", None),
    ("Patient.children()", None),
    ("1 + 2", None),
]


@pytest.mark.parametrize(("expression", "types"), TYPES, ids=[each[0] for each in TYPES])
def test_the_types_that_a_path_can_find_are_known(compiler, expression, types):
    assert compiler.compile(expression).types == types


@pytest.mark.parametrize(
    ("expression", "types"),
    [
        ("name", {"HumanName"}),
        ("Resource.id", {"id"}),
        ("$this", {"Patient"}),
        ("Practitioner.name", set()),
        ("Practitioner.name | Patient.gender", {"code"}),
        ("name.where($this is HumanName)", {"HumanName"}),
    ],
)
def test_a_root_type_makes_more_known(compiler, expression, types):
    assert compiler.compile(expression, root="Patient").types == types


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("Patient.valueSet", "Patient has no element 'valueSet'"),
        ("Patient.name.gender", "HumanName has no element 'gender'"),
        ("Patient.birthDate.family", "date has no element 'family'"),
        ("Patient.name.where(gender = 'x')", "HumanName has no element 'gender'"),
        ("Patient.name.select(gender)", "HumanName has no element 'gender'"),
        ("Patient.name[gender]", None),
        ("Observation.value.ofType(Quantity).start", "Quantity has no element 'start'"),
        ("true and Patient.name.gender", "HumanName has no element 'gender'"),
        ("-Patient.name.gender", "HumanName has no element 'gender'"),
        ("Patient.name.given.startsWith(Patient.name.gender)", "HumanName has no element 'gender'"),
        ("Patient.extension(Patient.name.gender)", "HumanName has no element 'gender'"),
        ("Patient.name.gender is code", "HumanName has no element 'gender'"),
    ],
)
def test_a_path_that_cannot_be_is_refused(compiler, expression, message):
    if message is None:
        assert compiler.compile(expression).types == {"HumanName"}
        return
    with pytest.raises(FhirPathError, match=message):
        compiler.compile(expression)


@pytest.mark.parametrize(
    ("expression", "reads"),
    [
        ("Patient.gender", {"gender", "_gender"}),
        ("Patient.name.given.first()", {"name"}),
        ("Patient.name.where(use = 'x')[0]", {"name"}),
        ("Patient.extension('urn:x')", None),
        ("Patient.name.extension('urn:x').value", {"name"}),
        ("Patient.deceased.ofType(boolean)", {"deceasedBoolean", "_deceasedBoolean"}),
        ("Patient.gender | Patient.name | Group.name", {"gender", "_gender", "name"}),
        ("Patient.gender.exists()", None),
        ("Patient.name.count()", None),
        ("Patient.gender | Patient.name.empty()", None),
        ("name", None),
        ("Patient", None),
        ("true", None),
    ],
)
def test_what_a_path_reads_of_its_focus_is_known(compiler, expression, reads):
    found = compiler.compile(expression, root="Patient").reads
    assert found is None if reads is None else (found is not None and found >= reads)


@pytest.mark.parametrize(
    "expression",
    ["Patient.gender", "Patient.name.given", "Patient.deceased.ofType(boolean)", "Patient.contact"],
)
def test_without_what_it_reads_an_expression_finds_nothing(compiler, values, expression):
    compiled = compiler.compile(expression, root="Patient")
    empty = {"resourceType": "Patient", "id": "a", "active": True}
    assert compiled.reads.isdisjoint(empty)
    assert not compiled(resource_node(empty))
