"""Harmonised signals: channels, quality, filtering and the signal store."""
