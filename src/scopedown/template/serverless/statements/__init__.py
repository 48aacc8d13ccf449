"""Statements that the framework adds to roles by itself, from settings and events of functions."""
