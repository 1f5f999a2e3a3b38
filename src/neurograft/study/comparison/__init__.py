"""Compare ways to pretrain under one budget."""
