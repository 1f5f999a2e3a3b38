"""A folder of recordings and the table of its people."""
