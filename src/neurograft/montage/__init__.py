"""Channel names, places on the head, regions, head model, interpolation."""
