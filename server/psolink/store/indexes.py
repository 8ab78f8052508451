"""The indexes that the store itself needs. Those of search are given by `psolink.search`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Index:
    """One index: the collection, a name that changes with the definition, and the keys.

    In a unique one no two documents may share a key.
    """

    collection: str
    name: str
    keys: tuple[tuple[str, int], ...]
    unique: bool = False


_VERSIONS = ("resources", "history")
_LATEST_FIRST = (("updated", -1), ("id", -1), ("type", -1))


STORE_INDEXES = (
    # An id is unique among what an organization holds, also what another one wrote (ADR 5).
    Index("resources", "by_id_2", (("id", 1), ("type", 1), ("holders", 1)), unique=True),
    Index("resources", "by_holder_2", (("type", 1), ("holders", 1), ("created", -1), ("_id", -1))),
    Index("resources", "by_creation_1", (("holders", 1), ("created", -1), ("_id", -1))),
    Index("resources", "by_target_1", (("tenant", 1), ("refers", 1))),
    Index("history", "by_id_1", (("id", 1), ("type", 1), ("version", 1))),
    *(Index(name, "by_change_1", (("holders", 1), *_LATEST_FIRST)) for name in _VERSIONS),
    *(
        Index(name, "by_change_of_type_1", (("type", 1), ("holders", 1), *_LATEST_FIRST[:-1]))
        for name in _VERSIONS
    ),
    Index("jobs", "by_state_1", (("state", 1), ("free_at", 1))),
    Index("jobs", "by_end_1", (("ended", 1),)),
    Index("job_parts", "by_job_1", (("job", 1), ("name", 1), ("_id", 1))),
    Index("audit", "by_time_1", (("at", 1),)),
    Index("disclosures", "by_item_1", (("item", 1),)),
    Index("assertions", "by_expiry_1", (("expires", 1),)),
)
