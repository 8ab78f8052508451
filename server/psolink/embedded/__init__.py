"""The embedded default: MongoDB's wire protocol over one SQLite file.

It serves the portable part of MongoDB that PSOLink uses, and refuses everything else with
MongoDB's own error codes. `server/docs/embedded-engine.md` says exactly what that is.
"""
