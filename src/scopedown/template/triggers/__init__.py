"""What invokes the functions of a template, what bounds it, and where they send."""
