"""Dialect readers: a located tree becomes a Stack of resources, functions, roles and policy carriers."""
