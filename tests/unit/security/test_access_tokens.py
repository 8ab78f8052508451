import sys
import time
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.security.token_forge import PRINCIPAL, access_tokens, refusal

from psolink.errors import Unauthenticated
from psolink.security.access_tokens import bearer_token
from psolink.security.principal import OrganizationKind, Principal, Role
from psolink.security.scopes import INTERACTIONS, Scopes
from psolink.security.token_cache import VerifiedTokens

principals = st.builds(
    Principal,
    organization=st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True),
    kind=st.sampled_from(OrganizationKind),
    client_id=st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True),
    scopes=st.frozensets(
        st.tuples(st.sampled_from(["*", "Patient", "Device"]), st.sampled_from(INTERACTIONS))
    ).map(Scopes),
    level=st.integers(0, 5),
    roles=st.frozensets(st.sampled_from([str(role) for role in Role])),
)


def test_a_token_stands_for_the_principal_it_was_issued_for(tokens):
    assert tokens.verify(tokens.issue(PRINCIPAL).token) == PRINCIPAL


@given(principals)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_any_principal_survives_the_way_through_a_token(tokens, principal: Principal):
    assert tokens.verify(tokens.issue(principal).token) == principal


def test_the_client_is_told_lifetime_and_scope(tokens):
    issued = tokens.issue(PRINCIPAL)
    assert (issued.expires_in, issued.scope) == (300, "system/*.rs system/AdverseEvent.c")


def test_a_forged_token_without_changes_would_be_accepted(tokens, forge):
    assert tokens.verify(forge()) == PRINCIPAL


def test_no_two_tokens_are_equal(tokens):
    assert tokens.issue(PRINCIPAL).token != tokens.issue(PRINCIPAL).token


@pytest.mark.parametrize(
    ("seconds", "fault"),
    [(-6, "early"), (305, "expired"), (3600, "expired")],
)
def test_a_token_is_refused_before_and_after_its_time(tokens, clock, seconds: int, fault: str):
    token = tokens.issue(PRINCIPAL).token
    clock.advance(seconds)
    assert refusal(tokens, token) == fault


@pytest.mark.parametrize("seconds", [-5, 0, 299, 304])
def test_a_token_is_accepted_within_its_time_and_a_little_leeway(tokens, clock, seconds: int):
    token = tokens.issue(PRINCIPAL).token
    clock.advance(seconds)
    assert tokens.verify(token) == PRINCIPAL


def test_a_token_that_is_not_to_be_used_before_a_moment_is_refused_before_it(tokens, forge, clock):
    token = forge({"nbf": int(clock.now.timestamp()) + 60})
    assert refusal(tokens, token) == "early"
    clock.advance(60)
    assert tokens.verify(token) == PRINCIPAL


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("", "required"),
        ("secret", "malformed"),
        ("eyJhbGciOiJFUzI1NiIsImtpZCI6ImEifQ.e30.AAAA", "not from this server"),
    ],
)
def test_the_client_learns_only_what_helps_it(tokens, fault: str, message: str):
    with pytest.raises(Unauthenticated, match=message):
        tokens.verify(fault)


def test_rotated_keys_go_on_accepting_tokens_until_the_old_key_is_retired(signing_keys, clock):
    token = access_tokens(signing_keys, clock).issue(PRINCIPAL).token
    rotated = signing_keys.rotated("ES384")
    assert access_tokens(rotated, clock).verify(token) == PRINCIPAL
    assert refusal(access_tokens(rotated.retired(), clock), token) == "key"


def test_a_long_lived_token_lives_as_long_as_it_says(tokens, clock):
    issued = tokens.issue(PRINCIPAL, lifetime=timedelta(days=30))
    assert issued.expires_in == 30 * 86400
    clock.advance(29 * 86400)
    assert tokens.verify(issued.token) == PRINCIPAL


def test_a_token_that_was_accepted_before_still_expires(tokens, clock):
    token = tokens.issue(PRINCIPAL).token
    first = tokens.verify(token)
    assert tokens.verify(token) is first
    clock.advance(305)
    assert refusal(tokens, token) == "expired"


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer  ", "Basic abc", "abc", "Bearerabc"]
)
def test_a_header_without_bearer_token_is_refused(header: str | None):
    with pytest.raises(Unauthenticated, match="send the header"):
        bearer_token(header)


@pytest.mark.parametrize("header", ["Bearer a.b.c", "bearer a.b.c", " BEARER   a.b.c "])
def test_the_token_of_a_header_is_found(header: str):
    assert bearer_token(header) == "a.b.c"


def test_the_memory_of_verified_tokens_is_bounded_and_forgets_the_oldest():
    memory = VerifiedTokens(capacity=2)
    for digest in (b"1", b"2", b"3"):
        memory.add(digest, PRINCIPAL, until=10.0)
    assert [memory.get(digest, 9.0) for digest in (b"1", b"2", b"3")] == [
        None,
        PRINCIPAL,
        PRINCIPAL,
    ]
    assert len(memory) == 2


def test_a_remembered_token_is_forgotten_at_its_end():
    memory = VerifiedTokens(capacity=2)
    memory.add(b"1", PRINCIPAL, until=10.0)
    assert (memory.get(b"1", 9.9), memory.get(b"1", 10.0)) == (PRINCIPAL, None)


@pytest.mark.bench
def test_measure_verification(signing_keys, clock, capsys):
    tokens = access_tokens(signing_keys, clock)
    fresh = [tokens.issue(PRINCIPAL).token for _ in range(1000)]
    timings = []
    for _ in range(2):
        start = time.perf_counter()
        for token in fresh:
            tokens.verify(token)
        timings.append((time.perf_counter() - start) / len(fresh) * 1e6)
    with capsys.disabled():
        sys.stdout.write(f"\nfirst use {timings[0]:.0f} us, then {timings[1]:.1f} us\n")
    assert timings[1] < timings[0]
