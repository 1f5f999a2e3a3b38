"""Tasks, splits, baselines, metrics, statistics: what a reviewer will ask about."""
