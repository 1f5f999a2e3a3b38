"""Figures of what the EEG shows: blocks of SVG for the report and a person's page."""
