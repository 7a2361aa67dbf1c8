"""The command line: `ganvas` opens the editor; `ganvas models | project | edit | morph | ...` run the engine headless.

The commands give the same jobs to the same table as the window does, and wait for each. What was made is told on
standard output, in words or with --json as one object; progress goes to standard error. Exit codes: 0 done, 2 what
was given cannot be used (one line on standard error says what and what to do), 1 the program failed.
"""

from engine.command.entry import main

__all__ = ["main"]
