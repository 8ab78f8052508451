"""Units of measure by UCUM: read, compared and converted without rounding.

https://ucum.org/ucum
"""

from psolink.units.canonical import canonical
from psolink.units.parser import parse_unit
from psolink.units.unit import ONE, Unit

__all__ = ["ONE", "Unit", "canonical", "parse_unit"]
