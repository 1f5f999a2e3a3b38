"""Population shift: who differs, and what is done about it inside training folds."""
