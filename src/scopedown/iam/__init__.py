"""IAM's own grammar: policy documents to statements, patterns, and how broad a grant is."""
