"""A predictor: one method fitted on everybody for one task, with its limits."""
