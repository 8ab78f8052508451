import pytest
from hypothesis import given
from hypothesis import strategies as st

from psolink.outcome import IssueCode
from psolink.security.yaml_lines import read_yaml

TEXT = """\
# A comment.
clients:
  - client_id: a
    roles: [pso,
            pses]
  - client_id: 007
    active: true
"""


def test_scalars_stay_text_but_for_booleans_and_null():
    content = read_yaml("[007, 1.0, 2026-01-01, 12:30, no, true, null, N]").content
    assert content == ["007", "1.0", "2026-01-01", "12:30", False, True, None, "N"]


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ((), "line 2, top: text"),
        (("clients",), "line 2, clients: text"),
        (("clients", 0), "line 3, clients[0]: text"),
        (("clients", 0, "roles", 1), "line 5, clients[0].roles[1]: text"),
        (("clients", 1, "active"), "line 7, clients[1].active: text"),
        (("clients", 1, "missing"), "line 6, clients[1].missing: text"),
    ],
)
def test_an_issue_names_the_line_and_the_path(path: tuple[str | int, ...], where: str):
    assert read_yaml(TEXT).issue(IssueCode.VALUE, path, "text").diagnostics == where


def test_an_issue_has_the_path_as_its_expression():
    issue = read_yaml(TEXT).issue(IssueCode.VALUE, ("clients", 0, "roles"), "text")
    assert issue.expression == "clients[0].roles"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param("a: 1\nb: 2\na: 3", "line 3: a is given twice", id="repeated key"),
        pytest.param("- x: {a: 1, a: 2}", "line 1: a is given twice", id="repeated key within"),
        pytest.param("a: &x [1]\nb: *x", "aliases are not supported", id="alias"),
        pytest.param("a: [1\nb: 2", "line 2: this is not YAML", id="open bracket"),
        pytest.param("a: b: c", "line 1: this is not YAML", id="two colons"),
        pytest.param("a: !!python/name:os.system x", "line 1: this is not YAML", id="a tag"),
        pytest.param("a: \x00", "line 1: this is not YAML", id="a control character"),
        pytest.param("? [a]\n: b", "line 1: this is not YAML", id="a list as key"),
        pytest.param("[" * 5000, "nested too deeply", id="deep"),
        pytest.param(" " * 1_048_577, "longer than", id="long"),
    ],
)
def test_text_that_is_no_plain_yaml_is_refused(text: str, fault: str):
    read = read_yaml(text)
    assert fault in read.issues[0].diagnostics
    assert read.content is None


def test_nested_aliases_do_not_multiply():
    text = "a: &a [x]\n" + "".join(
        f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert len(read_yaml(text).issues) == 72


def test_no_text_has_no_content():
    assert (read_yaml("# nothing\n").content, read_yaml("").issues) == (None, ())


@given(st.text(alphabet="ab:- \n[]{},&*!#'\"", max_size=40))
def test_any_text_is_read_or_refused(text: str):
    read = read_yaml(text)
    assert read.content is None or not read.issues
