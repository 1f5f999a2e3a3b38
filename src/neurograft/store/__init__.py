"""The signal store and the choice of windows: the wall between MNE and torch."""
