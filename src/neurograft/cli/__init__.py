"""Commands: one function each, with heavy imports inside."""
