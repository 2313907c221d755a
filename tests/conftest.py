"""Settings for all tests."""

import os
import signal

from hypothesis import settings

# Time limits belong to the tests that measure time: a loaded machine is no failure. The same examples each
# time.
settings.register_profile("wasmine", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("wasmine")

# The compiler looks at what each of its passes leaves, in the processes that tests start, too.
os.environ["WASMINE_VERIFY"] = "1"

# A shell that starts the tests in the background ignores Ctrl-C for them, and so would all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
