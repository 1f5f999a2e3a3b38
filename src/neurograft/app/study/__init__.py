"""Studies of the folder: looked at, checked, started, stopped."""
