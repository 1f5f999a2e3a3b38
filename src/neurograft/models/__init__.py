"""The encoder: patches, positions, transformer."""
