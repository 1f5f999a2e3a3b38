"""Windows in, classical features out."""
