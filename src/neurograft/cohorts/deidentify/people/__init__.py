"""Tables of people without names: labels, names of columns, and cells."""
