"""The one error a user is meant to read."""


class InputError(Exception):
    """Something given to the program cannot be used: the message says what, why and what to do, in one line."""

    def __init__(self, text: str) -> None:
        """Keep `text` to one line whatever a file name or a library's message inside it holds."""
        super().__init__(" ".join("".join(c if c.isprintable() else " " for c in text).split()))


class Cancelled(Exception):
    """A job was told to stop; whatever it had begun to write is gone."""
