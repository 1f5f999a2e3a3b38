"""One file in, microvolts, positions and events out; repairs."""
