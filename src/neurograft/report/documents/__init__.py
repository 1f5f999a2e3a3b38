"""Write what a journal asks for from stored tables: methods, checklists, terms."""
