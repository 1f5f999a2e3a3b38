"""Settings of what runs a study in several variants."""
