"""Patient safety work product: labels, intake, lifecycle, and the decision on disclosures.

Pure functions over tables: no store, no HTTP, no clock. 42 USC 299b-21 to 299b-26, 42 CFR Part 3.
"""
