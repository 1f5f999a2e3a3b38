"""Sections of the page, each from stored tables."""
