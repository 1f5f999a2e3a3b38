"""Find the recordings of a cohort, and those that cannot be read."""
