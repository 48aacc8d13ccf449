"""Speed and memory of an installed scopedown: ``python -m tests.bench`` prints a table, asserts nothing."""
