"""`psolink register`: write organizations, contracts and clients into the database."""
