"""Identity, tokens, scopes, the authorized store and the audit."""
