"""The definitions of the indexes."""

import pytest

from psolink.setup import INDEXES


@pytest.mark.parametrize("index", INDEXES, ids=lambda index: f"{index.collection}.{index.name}")
def test_an_index_names_each_field_once(index):
    fields = [path for path, _ in index.keys]
    assert len(set(fields)) == len(fields)


def test_indexes_have_names_of_their_own():
    names = [(index.collection, index.name) for index in INDEXES]
    assert len(set(names)) == len(names)
