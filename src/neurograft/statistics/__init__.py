"""Intervals, tests, permutation, power, solvers: numbers in, numbers out."""
