"""The purposes of creation, from CodeSystem/pswp-purpose."""

import json
from collections.abc import Mapping
from functools import cache

from psolink.artifacts import artifact_dir


@cache
def blocking() -> Mapping[str, bool]:
    """Return for each purpose whether information made for it cannot be work product."""
    path = artifact_dir("profiles") / "psolink" / "CodeSystem-pswp-purpose.json"
    concepts = json.loads(path.read_text("utf-8"))["concept"]
    return {
        concept["code"]: any(
            each["code"] == "blocksPswp" and each["valueBoolean"]
            for each in concept.get("property", ())
        )
        for concept in concepts
    }
