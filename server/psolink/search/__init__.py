"""Search: what is indexed of a resource, and how criteria become a MongoDB filter.

https://hl7.org/fhir/R4/search.html
"""
