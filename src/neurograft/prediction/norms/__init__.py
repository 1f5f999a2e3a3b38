"""The spectrum of a person among the healthy people of the same age."""
