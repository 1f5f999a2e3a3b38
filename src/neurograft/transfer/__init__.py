"""Encoders meet labelled people: embedding, fine-tuning, estimators."""
