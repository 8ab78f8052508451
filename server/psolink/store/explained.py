"""What the database does for the queries of a request.

The queries are recorded as the driver sends them, and the database explains each.

https://www.mongodb.com/docs/manual/reference/explain-results/
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bson import decode, encode
from pymongo.database import Database
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from psolink.store.documents import CODEC

_READS: Final = frozenset({"find", "aggregate", "distinct"})
_KEPT: Final = ("filter", "sort", "skip", "limit", "projection", "hint")

Document = dict[str, Any]


class Recorder(CommandListener):
    """Keeps the reads that a client sends."""

    def __init__(self) -> None:
        self.commands: list[Document] = []

    def started(self, event: CommandStartedEvent) -> None:
        """Keep a read."""
        if event.command_name in _READS:
            # As it is sent: what the driver converts on the way is converted.
            self.commands.append(decode(encode(event.command, codec_options=CODEC)))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Let an answer pass."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Let a failure pass: whoever sent the command is told of it."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One query, the index that it used (None: it reads every document), and what that took."""

    collection: str
    query: Document
    index: str | None
    sorts_in_memory: bool
    keys: int
    documents: int
    returned: int
    milliseconds: int


def explained(database: Database[Document], command: Mapping[str, Any]) -> Explained:
    """Return how the database answers a recorded command."""
    find = as_find(command)
    answer = database.command("explain", find, verbosity="executionStats")
    run = answer["executionStats"]
    stages = list(_stages(answer["queryPlanner"]["winningPlan"]))
    return Explained(
        collection=find["find"],
        query={name: value for name, value in find.items() if name != "find"},
        index=index_of(stages),
        sorts_in_memory=any(each["stage"].startswith("SORT") for each in stages),
        keys=run["totalKeysExamined"],
        documents=run["totalDocsExamined"],
        returned=run["nReturned"],
        milliseconds=run["executionTimeMillis"],
    )


def index_in_plan(database: Database[Document], command: Mapping[str, Any]) -> str | None:
    """Return the index that a recorded command would use, without running it."""
    answer = database.command("explain", as_find(command), verbosity="queryPlanner")
    return index_of(list(_stages(answer["queryPlanner"]["winningPlan"])))


def as_find(command: Mapping[str, Any]) -> Document:
    """Return the find that reads what a command reads; a count reads what it counts."""
    name = next(iter(command))
    find = {"find": command[name]}
    if name == "find":
        return find | {each: command[each] for each in _KEPT if each in command}
    if name == "distinct":
        return find | {"filter": command.get("query", {})}
    for stage in command["pipeline"]:
        find |= {"filter": stage["$match"]} if "$match" in stage else {}
        find |= {"limit": stage["$limit"]} if "$limit" in stage else {}
    return find


def index_of(stages: list[Document]) -> str | None:
    """Return the names of the indexes that a plan reads; None where it reads every document."""
    names = dict.fromkeys(_index_name(each) for each in stages if _index_name(each))
    return ", ".join(names) or None


def _index_name(stage: Document) -> str:
    if stage["stage"] in ("IDHACK", "EXPRESS_IXSCAN", "CLUSTERED_IXSCAN"):
        return str(stage.get("indexName", "_id_"))
    return str(stage.get("indexName", ""))


def _stages(plan: Document) -> Iterator[Document]:
    """Yield every stage of a plan; a sharded cluster has one for each shard."""
    # MongoDB puts the stages of its newer engine one level deeper.
    plan = plan.get("queryPlan", plan)
    yield plan
    inner = [plan["inputStage"]] if "inputStage" in plan else plan.get("inputStages", [])
    shards = [each["winningPlan"] for each in plan.get("shards", [])]
    for each in (*inner, *shards):
        yield from _stages(each)
