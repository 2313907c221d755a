"""Settings for all tests."""

import signal

from hypothesis import settings

# A shell that starts the tests in the background ignores Ctrl-C for them, and so would all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
