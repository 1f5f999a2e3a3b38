"""An excerpt of a recording, its seconds and its spectrum, for pages to draw."""
