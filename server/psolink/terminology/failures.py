"""What can go wrong with terminology, as failures that the client is told."""

from psolink.errors import ResourceNotFound, Unprocessable
from psolink.outcome import IssueCode


class UnknownTerminology(ResourceNotFound):
    """What was asked for, or what the answer depends on, is not held here."""


class FilterNotSupported(Unprocessable):
    """A filter of a value set cannot be applied to its code system."""

    code = IssueCode.NOT_SUPPORTED


class InvalidTerminology(Unprocessable):
    """A value set is composed in a way that means nothing."""

    code = IssueCode.INVALID


class TooCostly(Unprocessable):
    """A value set has more codes, or more parts, than the server works through."""

    code = IssueCode.TOO_COSTLY
