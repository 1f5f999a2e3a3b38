"""Begin a study: look at recordings and a table of people, and write a study file."""
