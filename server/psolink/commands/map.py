"""`psolink map`: show what a Common Formats report becomes."""
