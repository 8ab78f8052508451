"""explain: which plan a find follows, and what it reads.

https://www.mongodb.com/docs/manual/reference/command/explain/ and, for the shape of the answer,
https://www.mongodb.com/docs/manual/reference/explain-results/
"""

import time
from collections.abc import Iterator
from typing import Final

from psolink.embedded.catalogue import Collection
from psolink.embedded.commands import options, reads
from psolink.embedded.documents import Document
from psolink.embedded.engine import Engine, Request
from psolink.embedded.errors import bad_value, not_implemented
from psolink.embedded.planner import CollectionScan, IndexScan, Plan
from psolink.embedded.query import Query, plan_of, run
from psolink.embedded.storage import Snapshot, Stored

_PLAN: Final = "queryPlanner"
_VERBOSITIES: Final = (_PLAN, "executionStats", "allPlansExecution")


class _Counting(Snapshot):
    """The same snapshot, which counts what is read from it."""

    keys = 0
    documents = 0

    def scan(self, collection: Collection, plan: Plan) -> Iterator[Stored]:
        """Return the documents that `plan` reads, each once."""
        for stored in super().scan(collection, plan):
            self.documents += 1
            yield stored

    def _index_rows(
        self, collection: Collection, plan: IndexScan
    ) -> Iterator[tuple[int, bytes, bytes]]:
        for row in super()._index_rows(collection, plan):
            self.keys += 1
            yield row


def explain(engine: Engine, request: Request) -> Document:
    """Return the plan of a find and, if that is asked for, what running it takes."""
    options.check_command(request, ("verbosity",))
    inner = options.required(request.body, "explain", dict, "explain")
    verbosity = options.get(request.body, "verbosity", str, "allPlansExecution")
    if verbosity not in _VERBOSITIES:
        raise bad_value(f"verbosity string must be one of {', '.join(_VERBOSITIES)}")
    if next(iter(inner), "") != "find":
        raise not_implemented("explain of another command than find")
    explained = Request("find", request.database, inner, {})
    wanted = reads.find_query(explained)
    with engine.storage.snapshot() as snapshot:
        return _answer(snapshot, explained, wanted, with_statistics=verbosity != _PLAN)


def _answer(
    snapshot: Snapshot, request: Request, wanted: Query, *, with_statistics: bool
) -> Document:
    collection = snapshot.collection(request.namespace)
    plan = plan_of(snapshot, collection, wanted) if collection else None
    stages = _stages(request, plan)
    answer: Document = {
        "explainVersion": "1",
        _PLAN: {
            "namespace": str(request.namespace),
            "indexFilterSet": False,
            "parsedQuery": options.get(request.body, "filter", dict, {}),
            "winningPlan": stages,
            "rejectedPlans": [],
        },
    }
    if with_statistics:
        answer["executionStats"] = _statistics(snapshot, collection, wanted, stages)
    return answer | {"command": request.body, "ok": 1.0}


def _statistics(
    snapshot: Snapshot, collection: Collection | None, wanted: Query, stages: Document
) -> Document:
    counting = _Counting(snapshot.connection, snapshot.catalogues)
    began = time.perf_counter()
    returned = sum(1 for _ in run(counting, collection, wanted, {}))
    return {
        "executionSuccess": True,
        "nReturned": returned,
        "executionTimeMillis": round((time.perf_counter() - began) * 1000),
        "totalKeysExamined": counting.keys,
        "totalDocsExamined": counting.documents,
        "executionStages": {**stages, "nReturned": returned},
    }


def _stages(request: Request, plan: Plan | None) -> Document:
    """Return the stages of a plan, the last one outermost."""
    body = request.body
    condition = options.get(body, "filter", dict, {})
    stage = _reading(plan, condition)
    sort = options.get(body, "sort", dict, {})
    if sort and plan is not None and not plan.sorted:
        stage = {"stage": "SORT", "sortPattern": sort, "inputStage": stage}
    for name, field in (("SKIP", "skip"), ("LIMIT", "limit")):
        if amount := options.not_negative(body, field):
            stage = {"stage": name, f"{field}Amount": amount, "inputStage": stage}
    if projection := options.get(body, "projection", dict, {}):
        stage = {
            "stage": "PROJECTION_DEFAULT",
            "transformBy": projection,
            "inputStage": stage,
        }
    return stage


def _reading(plan: Plan | None, condition: Document) -> Document:
    if plan is None:
        return {"stage": "EOF"}
    if isinstance(plan, CollectionScan):
        return {"stage": "COLLSCAN", "filter": condition, "direction": "forward"}
    index: Document = {
        "stage": "IXSCAN",
        "keyPattern": dict(plan.index.pattern.fields),
        "indexName": plan.index.name,
        "isMultiKey": bool(plan.index.arrays),
        "isUnique": plan.index.unique,
        "direction": "backward" if plan.reverse else "forward",
    }
    return {"stage": "FETCH", "filter": condition, "inputStage": index}
