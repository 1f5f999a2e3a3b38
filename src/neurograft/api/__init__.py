"""The public Python API: recordings, arrays and estimators in, tables out."""
