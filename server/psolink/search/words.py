"""The words of a resource, for `_text` and `_content`.

Kept once for each resource, folded. Those of the narrative, which are content as well, begin with
a sign that no word has.

https://hl7.org/fhir/R4/search.html#content
"""

import html
import re
import unicodedata

from psolink.fhir_json import JsonObject

MAX_WORDS = 2000
"""The most words that are kept of one resource."""

MIN_LENGTH, MAX_LENGTH = 2, 40
NARRATIVE = "#"

_ASCII_WORDS = re.compile(r"[a-z0-9]+")
_WORDS = re.compile(r"[^\W_]+")
_TAG = re.compile(r"<[^>]*>")
_NO_TEXT = frozenset(
    {"resourceType", "id", "meta", "reference", "url", "system", "data", "contentType", "text"}
)
_NO_WORDS = re.compile(r"https?://|urn:|\d{4}-\d\d(?:-\d\d|$)", re.ASCII)


def words_in(text: str) -> list[str]:
    """Return the words of a text, folded, each as often as it is there."""
    if text.isascii():
        found = _ASCII_WORDS.findall(text.lower())
    else:
        folded = unicodedata.normalize("NFD", text.casefold())
        plain = "".join(each for each in folded if unicodedata.category(each) != "Mn")
        found = _WORDS.findall(plain)
    return [each[:MAX_LENGTH] for each in found if len(each) >= MIN_LENGTH]


def words_of(resource: JsonObject) -> list[str]:
    """Return the words of a resource, each once, those of the narrative with the sign."""
    narrative = set(words_in(_narrative(resource.get("text"))))
    texts: list[str] = []
    _gather(resource, texts)
    content = set(words_in(" ".join(texts)))
    return [*(f"{NARRATIVE}{each}" for each in narrative), *(content - narrative)]


def _narrative(text: object) -> str:
    markup = text.get("div") if isinstance(text, dict) else None
    return _plain(markup) if isinstance(markup, str) else ""


def _plain(markup: str) -> str:
    return html.unescape(_TAG.sub(" ", markup))


def _gather(content: JsonObject, texts: list[str], *, is_inner: bool = False) -> None:
    """Add the texts of an object, less addresses, dates and what else is not read.

    What is called `text` at the top is the narrative, which is taken by itself.
    """
    for name, value in content.items():
        if name == "div" and isinstance(value, str):
            texts.append(_plain(value))
        elif name not in _NO_TEXT or (is_inner and name == "text"):
            for each in value if isinstance(value, list) else (value,):
                if isinstance(each, dict):
                    _gather(each, texts, is_inner=True)
                elif isinstance(each, str) and not _NO_WORDS.match(each):
                    texts.append(each)
