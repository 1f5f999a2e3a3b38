"""Linear models and linear algebra for many small problems at once."""
