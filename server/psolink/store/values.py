"""What the store keeps and what it is asked to write, as plain values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Access:
    """Who may see a stored version; it is kept beside the resource and never inside it.

    `tenant` is the organization that wrote the resource and alone may change it. `holders` are
    the organizations that lawfully hold this version. `level` is the rank of its
    confidentiality, see `psolink.pswp.labels`. `pswp` says that it is patient safety work
    product, or must be treated as such.
    """

    tenant: str
    holders: tuple[str, ...]
    level: int
    pswp: bool
