"""Names that the framework gives: logical ids and physical names of what it generates.

https://www.serverless.com/framework/docs/providers/aws/guide/resources
"""

from __future__ import annotations

ROLE = "IamRoleLambdaExecution"
CUSTOM_RESOURCES_ROLE = "IamRoleCustomResourcesLambdaExecution"


def normalized(name: str) -> str:
    """A name as a part of a logical id: ``one-two_three`` is ``OneDashtwoUnderscorethree``."""
    text = name.replace("-", "Dash").replace("_", "Underscore")
    return text[:1].upper() + text[1:]


def alphanumeric(name: str) -> str:
    """A name without punctuation, its first letter large: how topics, buckets and streams are named."""
    text = "".join(letter for letter in name if letter.isascii() and letter.isalnum())
    return text[:1].upper() + text[1:]


def function_id(name: str) -> str:
    """The logical id of a function."""
    return f"{normalized(name)}LambdaFunction"


def role_id(name: str) -> str:
    """The logical id of a function's own role."""
    return f"{normalized(name)}{ROLE}"


def log_group_id(name: str) -> str:
    """The logical id of a function's log group."""
    return f"{normalized(name)}LogGroup"
