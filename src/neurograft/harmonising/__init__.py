"""One recording to one band, rate and reference, with its quality."""
