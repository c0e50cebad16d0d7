"""Measurements of keysweep; never part of the test run."""
