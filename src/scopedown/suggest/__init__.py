"""Replacements: the scoped statement that should stand where a wildcard stands now."""
