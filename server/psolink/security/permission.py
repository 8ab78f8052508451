"""What a principal may do: by the scopes of its token, its organization, clearance and role."""

from collections.abc import Sequence

from psolink.errors import Forbidden
from psolink.security.principal import Principal
from psolink.store.values import Delete, Write


def require_scope(principal: Principal, letter: str, resource_type: str) -> None:
    """Raise `Forbidden` where no scope covers the interaction of that letter with the type."""
    if not principal.may(letter, resource_type):
        raise Forbidden(
            f"The access token does not cover this: it needs the scope system/{resource_type}.{letter}."
        )


def covered(principal: Principal, letter: str, wanted: Sequence[str]) -> list[str]:
    """Return the types that the scopes cover; raise `Forbidden` where there is none."""
    found = [each for each in wanted if principal.may(letter, each)]
    if not found:
        require_scope(principal, letter, wanted[0])
    return found


def require_write(principal: Principal, write: Write) -> None:
    """Raise `Forbidden` where the principal may not apply this write."""
    require_scope(principal, _letter(write), write.key.type)
    if write.key.tenant != principal.organization:
        raise Forbidden("Only the organization that wrote a resource may change it.")
    if write.access.level > principal.level:
        raise Forbidden(
            "The resource is labelled with a higher confidentiality than the client may read."
        )
    if write.access.pswp and not principal.holds_pswp_clearance:
        raise Forbidden(
            "This is patient safety work product, and the client has no clearance for it: "
            "register the client with the role pses or pso."
        )


def _letter(write: Write) -> str:
    if isinstance(write, Delete):
        return "d"
    return "u" if write.method == "PUT" else "c"
