"""Text as it stands in XML, and what cannot stand there.

https://www.w3.org/TR/xml/#charsets
"""

import re

_IN_ATTRIBUTE = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
}
_ATTRIBUTE_ESCAPES = str.maketrans(_IN_ATTRIBUTE)
_TEXT_ESCAPES = str.maketrans({each: _IN_ATTRIBUTE[each] for each in "&<>\r"})
_NO_XML = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_find_forbidden = re.compile(f"[{_NO_XML}]").search
# Most text needs no escape, and asking costs less than escaping.
_is_special = re.compile(f'[&<>"\t\n\r{_NO_XML}]').search


class BadValue(Exception):
    """A value that cannot be read or written; the message says what was expected and found."""


def escape(text: str) -> str:
    """Return the text as the value of an attribute; white space survives a reader's normalizing."""
    if not _is_special(text):
        return text
    return checked(text).translate(_ATTRIBUTE_ESCAPES)


def escape_text(text: str) -> str:
    """Return the text as content of an element."""
    return text.translate(_TEXT_ESCAPES) if _is_special(text) else text


def checked(text: str) -> str:
    """Return the text; raise BadValue where XML cannot hold it, not even by number."""
    found = _find_forbidden(text)
    if found:
        raise BadValue(
            f"XML cannot hold the character U+{ord(found[0]):04X}; ask for JSON, or remove it"
        )
    return text
