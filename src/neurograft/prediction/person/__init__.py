"""The answer to one person: refused, warned of, explained."""
