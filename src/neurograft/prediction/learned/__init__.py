"""Numbers that a predictor learned: weights, calibration, limits."""
