"""Read a mapping file and check its shape."""

from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any

import yaml
from marshmallow import Schema, ValidationError

from psolink.mapping.broken import MappingBroken

_SINGULAR = {"rules": "rule", "elements": "element", "answers": "answer", "codes": "code"}


class _UniqueKeys(yaml.SafeLoader):
    """YAML as it is meant: the same key twice is a mistake and not the later value."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        keys = [self.construct_object(key) for key, _ in node.value]
        repeated = {str(key) for key in keys if keys.count(key) > 1}
        if repeated:
            problem = f"the same key twice: {', '.join(sorted(repeated))}"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return super().construct_mapping(node, deep=deep)


def read(path: Path, schema: Schema) -> Any:  # noqa: ANN401 - each schema makes its own value
    """Return what `schema` makes of the file; raise `MappingBroken` where it cannot."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _UniqueKeys)  # noqa: S506 - a SafeLoader
        return schema.load(content)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MappingBroken(f"{name_of(path)}: {error}") from error
    except ValidationError as error:
        faults = "; ".join(_faults(error.messages))
        raise MappingBroken(f"{name_of(path)}: {faults}") from error


def name_of(path: Path) -> str:
    """Return how messages name a mapping file: its folder and its name."""
    return f"{path.parent.name}/{path.name}"


def _faults(messages: Any, where: str = "") -> Iterator[str]:  # noqa: ANN401 - marshmallow's tree
    if not isinstance(messages, dict):
        yield f"{where}: {' '.join(messages)}" if where else " ".join(messages)
        return
    for key, inner in messages.items():
        step = f" {key + 1}" if isinstance(key, int) else f", {_SINGULAR.get(key, key)}"
        yield from _faults(inner, f"{where}{step}".removeprefix(", "))
