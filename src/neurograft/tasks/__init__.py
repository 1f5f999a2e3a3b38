"""Who is asked what: labels, splits, protocols, guards, controls."""
