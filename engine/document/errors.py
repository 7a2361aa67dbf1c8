"""The one error a user is meant to read."""


class InputError(Exception):
    """Something given to the program cannot be used: the message says what, why and what to do, in one line."""


class Cancelled(Exception):
    """A job was told to stop; whatever it had begun to write is gone."""
