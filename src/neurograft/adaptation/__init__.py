"""Adapters that bring domains together: fit and transform only."""
