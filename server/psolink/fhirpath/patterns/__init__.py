"""Regular expressions in linear time.

Expressions may come from clients, and a backtracking engine can be made to run for hours. Here a
pattern becomes a small program of states, all of which advance together, character by character:
the time is at most the length of the text times that of the program. What only backtracking can
do, references to earlier groups and looking around, is refused.
"""

from psolink.fhirpath.patterns.matching import Match, Pattern, compile_pattern

__all__ = ["Match", "Pattern", "compile_pattern"]
