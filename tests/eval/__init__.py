"""Accuracy over an evaluation folder: ``python -m tests.eval all|labels|mission|answers|corpus FOLDER``."""
