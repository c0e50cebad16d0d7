"""The exit statuses, which the README tells."""

FOUND = 1  # findings that count, or what a check of our own files found
USAGE = 2
INCOMPLETE = 3
UNKNOWN = 4
INTERNAL = 70
INTERRUPTED = 130
