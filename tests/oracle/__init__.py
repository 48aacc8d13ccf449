"""A second evaluation of IAM policies, written from AWS's documentation alone, to compare ours with."""
