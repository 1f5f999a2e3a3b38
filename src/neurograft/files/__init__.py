"""Files that cannot be half-done, tables, keys, and what made a folder."""
