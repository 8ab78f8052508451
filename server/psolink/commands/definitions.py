"""`psolink definitions build`: make the R4 tables anew from HL7's package."""
