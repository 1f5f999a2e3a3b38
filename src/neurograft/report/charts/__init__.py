"""Charts of the report: tables drawn as SVG by hand."""
