"""Measures of how far populations are apart, and in what."""
