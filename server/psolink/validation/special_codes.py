"""Required value sets that no list can hold, or that the R4 package does not list.

https://hl7.org/fhir/R4/valueset-mimetypes.html and its like name the system, not its codes.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_VALUE_SET = "http://hl7.org/fhir/ValueSet/"
_NAME = r"[A-Za-z0-9!#$&^_.+-]+"
_MIME_TYPE = re.compile(rf'{_NAME}/{_NAME}(?: ?; ?{_NAME}=(?:[^\s";,]+|"[^"]*"))*')
_FORMAT_NAMES = frozenset({"json", "ttl", "xml"})
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_LOINC_ANSWER = re.compile(r"LA[0-9]{1,7}-[0-9]")
_UCUM_ANNOTATION = re.compile(r"\{[!-z|~]*\}")
_UCUM_ATOM = r"(?:[A-Za-z%'\"*^_0-9\[\]+-]|\{\})+"
_UCUM_TERM = re.compile(rf"/?{_UCUM_ATOM}(?:[./]{_UCUM_ATOM})*")
_PARENTHESES = re.compile(r"\(([^()]*)\)")

_CURRENT = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN
BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD
FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR
KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV
MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG
SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI
UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA
XXX YER ZAR ZMW ZWG ZWL
"""
_WITHDRAWN_SINCE_2000 = """
AFA ATS AZM BEF BYR CSD CYP DEM EEK ESP FIM FRF GHC GRD HRK IEP ITL LTL LUF LVL MGF MRO MTL MZM NLG
PTE ROL SDD SIT SKK SLL SRG STD TMM TRL VEB VEF YUM ZMK ZWD
"""
# Old amounts keep the currency of their day.
CURRENCIES = frozenset(_CURRENT.split()) | frozenset(_WITHDRAWN_SINCE_2000.split())


@dataclass(frozen=True, slots=True)
class Grammar:
    """A value set as a rule: its code system, which codes it has, and in words what they are."""

    system: str
    has: Callable[[str], bool]
    expected: str


def is_mime_type(code: str) -> bool:
    """Tell whether it is a media type, or for one of FHIR's short names of its formats."""
    return code in _FORMAT_NAMES or _MIME_TYPE.fullmatch(code) is not None


def is_ucum_form(code: str) -> bool:
    """Tell whether it is put together as a UCUM unit; its atoms are not looked up."""
    reduced, brackets = _UCUM_ANNOTATION.sub("{}", code), 1
    while brackets:
        if any(_UCUM_TERM.fullmatch(inner) is None for inner in _PARENTHESES.findall(reduced)):
            return False
        reduced, brackets = _PARENTHESES.subn("1", reduced)
    return _UCUM_TERM.fullmatch(reduced) is not None


def is_language(code: str) -> bool:
    """Tell whether it has the form of a BCP 47 language tag."""
    return _LANGUAGE.fullmatch(code) is not None


def is_loinc_answer(code: str) -> bool:
    """Tell whether it has the form of a LOINC answer code."""
    return _LOINC_ANSWER.fullmatch(code) is not None


GRAMMARS: Mapping[str, Grammar] = {
    f"{_VALUE_SET}mimetypes": Grammar(
        "urn:ietf:bcp:13", is_mime_type, "a media type such as application/pdf"
    ),
    f"{_VALUE_SET}currencies": Grammar(
        "urn:iso:std:iso:4217", CURRENCIES.__contains__, "a currency of ISO 4217 such as USD"
    ),
    f"{_VALUE_SET}ucum-units": Grammar(
        "http://unitsofmeasure.org", is_ucum_form, "a UCUM unit such as mg/dL"
    ),
    "http://loinc.org/vs/LL379-9": Grammar(
        "http://loinc.org", is_loinc_answer, "a code of LOINC's answer list LL379-9"
    ),
}

LANGUAGES = Grammar("urn:ietf:bcp:47", is_language, "a language tag such as en or en-US")
"""The widest value set of languages; no binding requires it, several may not go beyond it."""
