"""Methods inside a fold: adapters, learners, stacking."""
