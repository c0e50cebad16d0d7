"""Asks providers whether found keys are live; imported only when that was asked for."""
