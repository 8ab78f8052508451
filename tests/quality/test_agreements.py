"""Facts that stand in two places because neither may import the other."""

from psolink.pswp import labels
from psolink.security.principal import CONFIDENTIALITY


def test_the_ranks_of_confidentiality_are_the_same_for_labels_and_clearances():
    assert {code: rank for rank, code in enumerate(CONFIDENTIALITY)} == labels.LEVELS
