"""AWS SAM: its functions and state machines, the roles and policies it makes, events and connectors."""
