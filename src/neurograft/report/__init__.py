"""One self-contained page, written from the result tables alone."""
