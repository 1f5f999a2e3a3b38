"""Stages of a study, one file each: what is read, what is written."""
