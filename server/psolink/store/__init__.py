"""The one MongoDB store: documents, indexes, transactions. pymongo is used only here."""
