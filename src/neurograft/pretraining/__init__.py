"""Pretraining without labels: corpus, masking, augmentation, monitoring."""
