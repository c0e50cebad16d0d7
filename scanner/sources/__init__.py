"""Sources: where blobs come from."""
