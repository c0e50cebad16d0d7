"""The command line: the only code that reads arguments and environment, prints and exits."""
