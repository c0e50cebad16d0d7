"""Decoders: each makes readable what a notation hides, and keeps the way back to the file."""
