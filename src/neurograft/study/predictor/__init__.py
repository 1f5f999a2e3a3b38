"""Decide about a predictor of a study: its task and method, and what its card says."""
