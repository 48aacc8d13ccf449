"""Tests; ``tests.bench`` and ``tests.eval`` are commands: ``python -m tests.bench`` from the root."""
