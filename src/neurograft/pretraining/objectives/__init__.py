"""Pretraining losses with their parts, one file per paper."""
