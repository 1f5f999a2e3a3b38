"""Simulated persons, brains, sites and cohorts with a known truth."""
