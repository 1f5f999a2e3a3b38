"""Settings of a study file, each with its unit, bound, default and text."""
