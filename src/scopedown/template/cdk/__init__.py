"""Cloud assemblies of the CDK: which construct a resource comes from, and which line of the app made it."""
