"""Roles and resources that plugins of the Serverless Framework make."""
