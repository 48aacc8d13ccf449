"""Strings that may be partly unknown, and the conditions under which they hold: intrinsics become Text."""
