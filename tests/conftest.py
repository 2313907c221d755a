"""Settings for all tests."""

from hypothesis import settings

# Time limits belong to the tests that measure time: a loaded machine is no failure. The same examples each
# time.
settings.register_profile("wasmine", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("wasmine")
