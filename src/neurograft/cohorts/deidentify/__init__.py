"""Copies of cohorts without names, dates or free text."""
