"""A made-up mono-repo with freshly drawn keys in it, to measure accuracy on."""
