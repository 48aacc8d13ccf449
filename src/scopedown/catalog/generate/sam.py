"""SAM policy templates: the translator's definitions in, names, parameters and statements out."""

from __future__ import annotations

from .layout import record_lines
from .sources import Sources

DEFINITIONS = "samtranslator/policy_templates_data/policy_templates.json"


def files(sources: Sources) -> dict[str, str]:
    """`sam_policy_templates.json`: template name to parameters and statements as AWS SAM writes them."""
    templates = sources["aws-sam-translator"].json(DEFINITIONS)["Templates"]
    records = {
        name: {
            "parameters": sorted(template["Parameters"]),
            "statements": template["Definition"]["Statement"],
        }
        for name, template in templates.items()
    }
    return {"sam_policy_templates.json": record_lines(records)}
