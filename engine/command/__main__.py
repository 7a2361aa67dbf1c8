"""`python -m engine.command`: the same as `ganvas`."""

import sys

from engine.command import main

if __name__ == "__main__":
    sys.exit(main())
