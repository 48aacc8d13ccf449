"""scopedown: an IAM least-privilege linter for serverless templates."""

__version__ = "0.1.0"
