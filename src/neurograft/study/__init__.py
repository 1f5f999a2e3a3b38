"""A study: settings, folders and people opened once, and what is run of it."""
