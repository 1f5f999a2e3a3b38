"""What happens inside a fold: adapters, learners, stacking."""
