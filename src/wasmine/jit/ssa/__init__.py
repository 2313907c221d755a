"""SSA: the form in which functions are optimised. It knows neither sections of a module nor a machine."""
