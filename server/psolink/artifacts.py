"""Locate the profiles, mappings and conformance files that ship with the server.

A wheel carries them inside the package; a checkout keeps them at the repository root.
"""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parent.parent


def artifact_dir(name: str) -> Path:
    """Return the folder `name`, wherever this installation keeps it."""
    packaged = _PACKAGE / name
    return packaged if packaged.is_dir() else _CHECKOUT / name
