import pytest

from psolink.security.keys import SigningKeys
from psolink.security.page_tokens import InvalidPageToken, PageTokens


@pytest.fixture(scope="module")
def keys():
    return SigningKeys.create()


@pytest.fixture(scope="module")
def tokens(keys):
    return PageTokens(keys)


def test_what_was_sealed_is_opened(tokens):
    sealed = tokens.seal(b"content", bound_to="org-a")
    assert tokens.open(sealed, bound_to="org-a") == b"content"


def test_the_content_cannot_be_seen_and_no_two_tokens_are_alike(tokens):
    one, other = (tokens.seal(b"a" * 100, bound_to="org-a") for _ in range(2))
    assert one != other
    assert len(one) < 100


def test_a_token_does_not_open_for_another_purpose(tokens):
    sealed = tokens.seal(b"content", bound_to="org-a")
    with pytest.raises(InvalidPageToken):
        tokens.open(sealed, bound_to="org-b")


def test_a_token_with_any_character_changed_is_refused(tokens):
    sealed = tokens.seal(b"content", bound_to="org-a")
    for place in range(len(sealed)):
        changed = sealed[:place] + ("A" if sealed[place] != "A" else "Q") + sealed[place + 1 :]
        with pytest.raises(InvalidPageToken):
            tokens.open(changed, bound_to="org-a")


@pytest.mark.parametrize("token", ["", "x", "xxxx", "\u00e4", "a b", "=", "A" * 100])
def test_a_text_that_is_no_token_is_refused(tokens, token):
    with pytest.raises(InvalidPageToken):
        tokens.open(token, bound_to="org-a")


def test_a_token_outlives_a_new_key_and_ends_with_the_key_that_sealed_it(keys, tokens):
    sealed = tokens.seal(b"content", bound_to="org-a")
    rotated = keys.rotated()
    assert PageTokens(rotated).open(sealed, bound_to="org-a") == b"content"
    with pytest.raises(InvalidPageToken):
        PageTokens(rotated.retired()).open(sealed, bound_to="org-a")
