"""One module per rule that needs code: ``check(context)`` yields findings and unresolved records."""
