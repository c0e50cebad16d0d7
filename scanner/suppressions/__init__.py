"""Suppressions: ways to say that a finding is known and need not fail a scan."""
