"""Events of a service's functions as triggers."""
