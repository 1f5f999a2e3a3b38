"""Figures, tables and the page, from result tables alone."""
