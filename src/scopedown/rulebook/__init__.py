"""Rules as data: rule files, the compiled index, the declarative matcher, and what checks are given."""
