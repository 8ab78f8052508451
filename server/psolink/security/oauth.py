"""The failures of the token endpoint.

https://www.rfc-editor.org/rfc/rfc6749#section-5.2
"""

from dataclasses import dataclass

from psolink.fhir_json import JsonObject


@dataclass(frozen=True, slots=True)
class OAuthError:
    """What the client is told; the description is plain ASCII without quotation marks."""

    error: str
    description: str
    status: int = 400

    def to_json(self) -> JsonObject:
        """Return the body of the response."""
        return {"error": self.error, "error_description": self.description}


class TokenRequestRefused(Exception):
    """A token request gets no token. `reason` is for the log and may say more than the error."""

    def __init__(self, error: OAuthError, reason: str) -> None:
        super().__init__(reason)
        self.error = error
        self.reason = reason


def invalid_request(description: str) -> TokenRequestRefused:
    """Return the refusal of a request that lacks a parameter or has a wrong one."""
    return TokenRequestRefused(OAuthError("invalid_request", description), description)


def invalid_scope(description: str) -> TokenRequestRefused:
    """Return the refusal of scopes that cannot be granted."""
    return TokenRequestRefused(OAuthError("invalid_scope", description), description)
