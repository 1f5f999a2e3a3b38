"""Settings of a study file: every one with its unit, bound, default and text."""
