"""Read study files as people write them: text, folders, mistakes."""
