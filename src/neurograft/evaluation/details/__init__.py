"""Tables behind a result: curves, decisions, probabilities, answers and patterns."""
