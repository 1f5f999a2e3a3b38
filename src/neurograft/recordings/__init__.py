"""Files in, recordings in microvolts out; and simulated cohorts with known truth."""
