"""A patient: recordings come in, a predictor that stays loaded answers."""
