"""YAML that an operator writes by hand, read so that every fault can be named by its line."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from psolink.outcome import Issue, IssueCode

Path = tuple[str | int, ...]

_LONGEST = 1024 * 1024
_KEPT_TAGS = {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"}


class _Loader(yaml.SafeLoader):
    """Knows true, false and null; other scalars stay text, so that an id 007 stays 007."""

    yaml_implicit_resolvers = {  # noqa: RUF012 # PyYAML reads this attribute of the class
        first: [(tag, pattern) for tag, pattern in resolvers if tag in _KEPT_TAGS]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@dataclass(frozen=True, slots=True)
class LinedYaml:
    """The content of a YAML text, the line of each of its parts, and the faults of its form."""

    content: Any
    lines: dict[Path, int]
    issues: tuple[Issue, ...] = ()

    def issue(self, code: IssueCode, path: Path, text: str) -> Issue:
        """Return an issue that names the part by its line and its path."""
        line = next(
            self.lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.lines
        )
        where = written(path)
        return Issue(code, f"line {line}, {where or 'top'}: {text}", where or None)


def written(path: Path) -> str:
    """Return a path as in `clients[0].scopes`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def read_yaml(text: str) -> LinedYaml:
    """Return what the text says; text that is no plain YAML has issues and no content."""
    if len(text) > _LONGEST:
        return _broken(1, f"the text is longer than {_LONGEST} characters")
    try:
        node = yaml.compose(text, Loader=_Loader)
        faults = tuple(_form_faults(node, set()))
        if node is None or faults:
            return LinedYaml(None, {(): 1}, faults)
        return LinedYaml(yaml.load(text, Loader=_Loader), dict(_lines(node, ())))  # noqa: S506 # a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return _broken(mark.line + 1 if mark else 1, f"this is not YAML: {error.problem}")
    except (yaml.YAMLError, RecursionError):
        return _broken(1, "this is not YAML, or it is nested too deeply")


def _broken(line: int, text: str) -> LinedYaml:
    return LinedYaml(None, {(): line}, (Issue(IssueCode.STRUCTURE, f"line {line}: {text}"),))


def _form_faults(node: yaml.Node | None, seen: set[int]) -> Iterator[Issue]:
    """Yield what YAML allows and an operator does not mean: repeated keys and aliases."""
    if node is None:
        return
    line = node.start_mark.line + 1
    if id(node) in seen:
        yield Issue(
            IssueCode.STRUCTURE, f"line {line}: write this out in full: aliases are not supported"
        )
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        yield from _repeated_keys(node)
    for child in _children(node):
        yield from _form_faults(child, seen)


def _repeated_keys(node: yaml.MappingNode) -> Iterator[Issue]:
    names: set[str] = set()
    for key, _ in node.value:
        name = str(key.value)
        if name in names:
            line = key.start_mark.line + 1
            yield Issue(
                IssueCode.DUPLICATE, f"line {line}: {name} is given twice: keep one of them"
            )
        names.add(name)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        yield from (value for _, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _lines(node: yaml.Node, path: Path) -> Iterator[tuple[Path, int]]:
    yield path, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*path, str(key.value)))
            yield (*path, str(key.value)), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for position, value in enumerate(node.value):
            yield from _lines(value, (*path, position))
