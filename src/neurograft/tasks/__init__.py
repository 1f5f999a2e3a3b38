"""Tasks: labels, splits, protocols, guards, controls."""
