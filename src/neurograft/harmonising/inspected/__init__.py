"""What pages show of a recording: an excerpt, its seconds, its spectrum."""
