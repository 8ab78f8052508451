"""The one failure of mapping data."""


class MappingBroken(Exception):
    """A mapping file does not hold together; the message names the file, the entry and the fault."""
