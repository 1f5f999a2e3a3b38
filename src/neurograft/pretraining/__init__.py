"""Learning without labels: masks, objectives and the pretraining stage."""
