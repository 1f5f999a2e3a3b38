"""Files written whole or not at all, tables, keys, and provenance of folders."""
