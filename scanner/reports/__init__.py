"""Report formats: each a pure mapping from a report to text."""
