"""`python -m wasmine` is the command `wasmine`, and ends as Python ends."""

import sys

from wasmine.cli import main

if __name__ == "__main__":
    sys.exit(main())
