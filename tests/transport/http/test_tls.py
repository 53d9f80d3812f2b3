"""A session of TLS in memory, held against Python's own server side in memory, byte by byte if need be."""

import ssl

import pytest

from exporter.transport.http.tls import TlsSession
from tests.fakes.certificates import Authority
from tests.transport.far import Far


@pytest.fixture
def far(authority: Authority) -> Far:
    return Far(authority.server())


@pytest.fixture
def near(authority: Authority, far: Far) -> TlsSession:
    """Our end, its handshake done."""
    session = TlsSession(ssl.create_default_context(cafile=authority.ca_file), "127.0.0.1")
    received = b""
    while not session.shake_hands(received):
        received = far.shake_hands(session.take_outgoing())
    return session


def test_what_ends_the_handshake_leaves_with_the_first_words(near: TlsSession, far: Far) -> None:
    near.encrypt(b"hello")
    together = near.take_outgoing()
    assert near.take_outgoing() == b""
    tickets = far.shake_hands(together)
    assert near.decrypt(tickets) == b""
    assert far.hear(b"") == b"hello"


@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_what_comes_in_pieces_is_whole(near: TlsSession, far: Far, step: int) -> None:
    near.decrypt(far.shake_hands(near.take_outgoing()))
    said = bytes(range(256)) * 160  # three records
    records = far.say(said)
    heard = b"".join(near.decrypt(records[at : at + step]) for at in range(0, len(records), step))
    assert heard == said
    assert not near.ended


def test_a_farewell_is_the_end(near: TlsSession, far: Far) -> None:
    near.decrypt(far.shake_hands(near.take_outgoing()))
    assert near.decrypt(far.say(b"bye") + far.farewell()) == b"bye"
    assert near.ended


def test_what_follows_a_farewell_is_not_looked_at(near: TlsSession, far: Far) -> None:
    near.decrypt(far.shake_hands(near.take_outgoing()))
    assert near.decrypt(far.say(b"bye") + far.farewell() + b"HTTP/1.1 400 Bad Request\r\n\r\n") == b"bye"
    assert near.decrypt(b"more") == b""
    assert near.ended


def test_what_is_no_record_is_an_error(near: TlsSession) -> None:
    with pytest.raises(ssl.SSLError):
        near.decrypt(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_a_stranger_is_told_why(authority: Authority, far: Far) -> None:
    session = TlsSession(ssl.create_default_context(cafile=authority.ca_file), "elsewhere.example")
    assert not session.shake_hands(b"")
    answer = far.shake_hands(session.take_outgoing())
    with pytest.raises(ssl.SSLCertVerificationError):
        session.shake_hands(answer)
    assert session.take_outgoing() != b""
