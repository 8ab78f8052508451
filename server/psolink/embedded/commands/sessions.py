"""commitTransaction, abortTransaction, and the end of sessions."""

from bson import Binary

from psolink.embedded.commands import options
from psolink.embedded.documents import Document, encode
from psolink.embedded.engine import Engine, Request, today
from psolink.embedded.errors import Code, CommandError
from psolink.embedded.sessions import Session, no_such_transaction

_DONE: Document = {"ok": 1.0}


def session_key(value: object) -> bytes:
    """Return the key of the session that `lsid` names."""
    found = value.get("id") if isinstance(value, dict) else None
    if not isinstance(found, Binary) or len(found) != 16:  # noqa: PLR2004 - a UUID
        raise CommandError(Code.InvalidOptions, "lsid has to hold a UUID in its field id")
    return bytes(found)


def commit_transaction(engine: Engine, request: Request) -> Document:
    """Commit the transaction; a commit that is sent again succeeds again.

    https://www.mongodb.com/docs/manual/reference/command/commitTransaction/
    """
    options.check_command(request, ("recoveryToken",))
    session, number = _transaction_of(request)
    with session.guard:
        if session.transaction is None or session.number != number:
            return _repeated(engine, session, number)
        transaction, session.transaction = session.transaction, None
        engine.cursors.close_of(transaction)
        transaction.commit(session=session.key, number=number, reply=encode(_DONE), day=today())
        session.committed = True
    return dict(_DONE)


def _repeated(engine: Engine, session: Session, number: int) -> Document:
    """Return success if the transaction was committed, perhaps before the engine restarted."""
    if session.number == number and session.committed:
        return dict(_DONE)
    with engine.storage.snapshot() as snapshot:
        known = snapshot.remembered(session.key)
    if known is None or known[0] != number or known[1] != encode(_DONE):
        raise no_such_transaction()
    return dict(_DONE)


def abort_transaction(engine: Engine, request: Request) -> Document:
    """Abort the transaction.

    https://www.mongodb.com/docs/manual/reference/command/abortTransaction/
    """
    options.check_command(request, ("recoveryToken",))
    session, number = _transaction_of(request)
    with session.guard:
        if session.committed and session.number == number:
            raise CommandError(Code.TransactionCommitted, "the transaction was committed")
        engine.cursors.close_of(session.current(number))
        session.abort()
    return dict(_DONE)


def _transaction_of(request: Request) -> tuple[Session, int]:
    if request.session is None or request.number is None:
        raise CommandError(
            Code.InvalidOptions, f"{request.name} needs lsid, txnNumber and autocommit: false"
        )
    return request.session, request.number


def end_sessions(engine: Engine, request: Request) -> Document:
    """End sessions; their open transactions are aborted.

    https://www.mongodb.com/docs/manual/reference/command/endSessions/
    """
    options.check_command(request, ())
    for each in options.get(request.body, "endSessions", list, []):
        engine.sessions.end(session_key(each))
    return dict(_DONE)
