"""Bytes to text, positions and located trees (YAML, JSON), comments, and the discovery of templates."""
