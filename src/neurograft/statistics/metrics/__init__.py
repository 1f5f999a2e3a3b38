"""Metrics of predictions, for many weights at once."""
