"""The commands by name, and how one is run within its session and transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from psolink.embedded.commands import diagnostics, explain, options, reads, schema, sessions, writes
from psolink.embedded.documents import Document
from psolink.embedded.engine import Engine, Request
from psolink.embedded.errors import Code, CommandError

Handler = Callable[[Engine, Request], Document]


@dataclass(frozen=True, slots=True)
class Command:
    """What answers a command, and whether a transaction may hold it."""

    answer: Handler
    in_transaction: bool = False


_READ_OR_WRITE: Final = {
    "find": reads.find,
    "getMore": reads.get_more,
    "killCursors": reads.kill_cursors,
    "aggregate": reads.aggregate,
    "distinct": reads.distinct,
    "insert": writes.insert_documents,
    "update": writes.update_documents,
    "delete": writes.delete_documents,
    "findAndModify": writes.find_and_modify,
}
_OTHER: Final = {
    "count": reads.count,
    "explain": explain.explain,
    "create": schema.create,
    "createIndexes": schema.create_indexes,
    "listIndexes": schema.list_indexes,
    "dropIndexes": schema.drop_indexes,
    "drop": schema.drop,
    "dropDatabase": schema.drop_database,
    "listCollections": schema.list_collections,
    "listDatabases": schema.list_databases,
    "endSessions": sessions.end_sessions,
    "hello": diagnostics.hello,
    "isMaster": diagnostics.hello,
    "ismaster": diagnostics.hello,
    "ping": diagnostics.ping,
    "buildInfo": diagnostics.build_info,
    "buildinfo": diagnostics.build_info,
}
_ENDS: Final = {
    "commitTransaction": sessions.commit_transaction,
    "abortTransaction": sessions.abort_transaction,
}
COMMANDS: Final[dict[str, Command]] = {
    **{name: Command(handler, in_transaction=True) for name, handler in _READ_OR_WRITE.items()},
    **{name: Command(handler) for name, handler in (_OTHER | _ENDS).items()},
}


def answer(engine: Engine, request: Request) -> Document:
    """Return the answer to a command; a refusal is an answer, too."""
    try:
        return _answer(engine, request)
    except CommandError as refusal:
        return refusal.reply()
    except RecursionError:
        return CommandError(Code.Overflow, "the command is nested too deeply").reply()


def _answer(engine: Engine, request: Request) -> Document:
    command = COMMANDS.get(request.name)
    if command is None:
        raise CommandError(Code.CommandNotFound, f"no such command: '{request.name}'")
    _identify(engine, request)
    if request.body.get("autocommit") is False and request.name not in _ENDS:
        return _within_transaction(engine, request, command)
    return command.answer(engine, request)


def _identify(engine: Engine, request: Request) -> None:
    body = request.body
    if "lsid" in body:
        request.session = engine.sessions.get(sessions.session_key(body["lsid"]))
    if "txnNumber" in body:
        request.number = options.required(body, "txnNumber", int, request.name)
        if request.session is None:
            raise CommandError(Code.InvalidOptions, "txnNumber needs lsid")


def _within_transaction(engine: Engine, request: Request, command: Command) -> Document:
    """Run a command in a transaction, which any failure aborts."""
    session, number = request.session, request.number
    if session is None or number is None:
        raise CommandError(Code.InvalidOptions, "autocommit: false needs lsid and txnNumber")
    with session.guard:
        session.connection = request.connection
        if request.body.get("startTransaction"):
            session.start(number, engine.transaction)
        transaction = session.current(number)
        request.transaction = transaction
        try:
            reply = _answer_within(engine, request, command)
        except BaseException:
            _abort(engine, request)
            raise
        if "writeErrors" in reply:
            _abort(engine, request)
        return reply


def _answer_within(engine: Engine, request: Request, command: Command) -> Document:
    if not command.in_transaction:
        raise CommandError(
            Code.OperationNotSupportedInTransaction,
            f"Cannot run '{request.name}' in a multi-document transaction.",
        )
    return command.answer(engine, request)


def _abort(engine: Engine, request: Request) -> None:
    engine.cursors.close_of(request.transaction)
    if request.session is not None:
        request.session.abort()
