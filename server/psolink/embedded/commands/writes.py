"""insert, update, delete and findAndModify."""

from collections.abc import Callable
from typing import Any, Final

from psolink.embedded.commands import options
from psolink.embedded.documents import Document
from psolink.embedded.engine import Engine, Request
from psolink.embedded.errors import Code, CommandError
from psolink.embedded.paths import ID
from psolink.embedded.projection import compile_projection
from psolink.embedded.query import Query, compile_query
from psolink.embedded.statements import Target, Updated, delete, insert, insertable, update
from psolink.embedded.update import Replacement, compile_update

_MAX_STATEMENTS: Final = 100_000


def insert_documents(engine: Engine, request: Request) -> Document:
    """Insert documents.

    https://www.mongodb.com/docs/manual/reference/command/insert/
    """
    options.check_command(request, ("documents", "ordered", "bypassDocumentValidation"))
    namespace = request.namespace
    # Ids are given once, also if the work is begun again.
    prepared = [_prepared(document) for document in options.documents(request, "documents")]

    def work(target: Target) -> Document:
        done = 0

        def one(row: tuple[Document, bytes] | CommandError) -> None:
            nonlocal done
            if isinstance(row, CommandError):
                raise row
            insert(target, namespace, *row)
            done += 1

        return _each(request, prepared, one, lambda: {"n": done})

    return engine.write(request, work)


def _prepared(document: Document) -> tuple[Document, bytes] | CommandError:
    try:
        return insertable(document)
    except CommandError as refusal:
        return refusal


def _each(
    request: Request,
    statements: list[Any],
    one: Callable[[Any], None],
    summary: Callable[[], Document],
) -> Document:
    """Run statements one by one and return what was done and which failed."""
    if not 0 < len(statements) <= _MAX_STATEMENTS:
        raise CommandError(
            Code.InvalidLength, f"Write batch sizes must be between 1 and {_MAX_STATEMENTS}"
        )
    ordered = options.get(request.body, "ordered", bool, default=True)
    errors: list[Document] = []
    for index, statement in enumerate(statements):
        try:
            one(statement)
        except CommandError as failure:
            if failure.labels:
                raise
            errors.append(failure.write_error(index))
            if ordered or request.transaction is not None:
                break
    answer = summary()
    if errors:
        answer["writeErrors"] = errors
    return {**answer, "ok": 1.0}


def update_documents(engine: Engine, request: Request) -> Document:
    """Update documents.

    https://www.mongodb.com/docs/manual/reference/command/update/
    """
    options.check_command(request, ("updates", "ordered", "bypassDocumentValidation"))
    statements = options.documents(request, "updates")
    for statement in statements:
        options.check_fields(statement, ("q", "u", "multi", "upsert", "hint"), "update.updates")

    def work(target: Target) -> Document:
        found = modified = 0
        upserts: list[Document] = []
        position = -1

        def one(statement: Document) -> None:
            nonlocal found, modified, position
            position += 1
            done = _update(request, target, statement)
            found += done.matched + done.upserted
            modified += done.modified
            if done.upserted and done.after is not None:
                upserts.append({"index": position, ID: done.after[ID]})

        def summary() -> Document:
            answer: Document = {"n": found, "nModified": modified}
            return answer | {"upserted": upserts} if upserts else answer

        return _each(request, statements, one, summary)

    return engine.write(request, work)


def _update(request: Request, target: Target, statement: Document) -> Updated:
    query = options.required(statement, "q", dict, "update.updates")
    multi = options.get(statement, "multi", bool, default=False)
    change = compile_update(statement.get("u"))
    if multi and isinstance(change, Replacement):
        raise CommandError(
            Code.FailedToParse, "multi update is not supported for replacement-style update"
        )
    wanted = compile_query(
        query, limit=0 if multi else 1, hint=options.hint(statement), deadline=request.deadline
    )
    upsert = query if options.get(statement, "upsert", bool, default=False) else None
    return update(target, request.namespace, wanted, change, upsert=upsert)


def delete_documents(engine: Engine, request: Request) -> Document:
    """Delete documents.

    https://www.mongodb.com/docs/manual/reference/command/delete/
    """
    options.check_command(request, ("deletes", "ordered"))
    namespace, statements = request.namespace, options.documents(request, "deletes")
    for statement in statements:
        options.check_fields(statement, ("q", "limit", "hint"), "delete.deletes")

    def work(target: Target) -> Document:
        deleted = 0

        def one(statement: Document) -> None:
            nonlocal deleted
            limit = options.required(statement, "limit", int, "delete.deletes")
            if limit not in (0, 1):
                raise CommandError(Code.FailedToParse, "The limit field must be 0 or 1")
            wanted = compile_query(
                options.required(statement, "q", dict, "delete.deletes"),
                limit=limit,
                hint=options.hint(statement),
                deadline=request.deadline,
            )
            deleted += len(delete(target, namespace, wanted))

        return _each(request, statements, one, lambda: {"n": deleted})

    return engine.write(request, work)


def find_and_modify(engine: Engine, request: Request) -> Document:
    """Update or delete one document and return it.

    https://www.mongodb.com/docs/manual/reference/command/findAndModify/
    """
    body = request.body
    options.check_command(
        request,
        (
            "query", "sort", "remove", "update", "new", "fields", "upsert", "hint",
            "bypassDocumentValidation",
        ),
    )  # fmt: skip
    remove = options.get(body, "remove", bool, default=False)
    if remove == (body.get("update") is not None):
        raise CommandError(Code.FailedToParse, "Either an update or remove=true must be specified")
    if remove and (body.get("upsert") or body.get("new")):
        raise CommandError(Code.FailedToParse, "Cannot specify upsert or new with remove=true")
    perform = _remove_one if remove else _update_one
    return engine.write(request, lambda target: perform(request, target))


def _remove_one(request: Request, target: Target) -> Document:
    deleted = delete(target, request.namespace, _one(request))
    value = _shown(request, deleted[0] if deleted else None)
    return {"lastErrorObject": {"n": len(deleted)}, "value": value, "ok": 1.0}


def _update_one(request: Request, target: Target) -> Document:
    body = request.body
    query = options.get(body, "query", dict, {})
    upsert = query if options.get(body, "upsert", bool, default=False) else None
    change = compile_update(body["update"])
    done = update(target, request.namespace, _one(request), change, upsert=upsert)
    status: Document = {"n": done.matched + done.upserted, "updatedExisting": done.matched > 0}
    if done.upserted and done.after is not None:
        status["upserted"] = done.after[ID]
    new = options.get(body, "new", bool, default=False)
    value = _shown(request, done.after if new else done.before)
    return {"lastErrorObject": status, "value": value, "ok": 1.0}


def _one(request: Request) -> Query:
    body = request.body
    return compile_query(
        options.get(body, "query", dict, {}),
        sort=options.get(body, "sort", dict, {}),
        limit=1,
        hint=options.hint(body),
        deadline=request.deadline,
    )


def _shown(request: Request, document: Document | None) -> Document | None:
    project = compile_projection(options.get(request.body, "fields", dict, {}))
    return project(document) if project and document is not None else document
