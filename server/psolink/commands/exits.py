"""Exit codes that scripts can use."""

FAILED = 1
UNREADABLE = 2
INVALID = 4
