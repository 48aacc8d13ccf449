"""Serverless Framework services: a located serverless.yml comes in, the template it deploys goes out."""
