"""Cross-validation: tasks and features in, predictions out."""
