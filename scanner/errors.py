"""What can go wrong, and how the command line ends because of it.

KeysweepError            anything that the user can mend
 +- UsageError           a wrong argument, a path or revision that does not exist
 +- ConfigError          a configuration or rule file that does not hold what it should
 +- GitError             git refused, or is not there
 +- IncompleteError      what was to be scanned is not all there (its own exit status)
"""


class KeysweepError(Exception):
    """An error with a message for the user; the message names the file and the remedy."""


class UsageError(KeysweepError):
    """The command was asked for something that it cannot do."""


class ConfigError(KeysweepError):
    """A configuration or rule file is broken.

    `problems` holds one line for each thing that is wrong, each naming file and entry.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class GitError(KeysweepError):
    """A git command failed; the message holds what git said, without control characters."""


class IncompleteError(KeysweepError):
    """The clone lacks some of what was to be scanned; the message says how to get it."""
