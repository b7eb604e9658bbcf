"""The stack listens on loopback, and a port that is taken is a clear line."""

import socket

import pytest

from local.stack.http_listener import HOST, bind, free_ports
from shared.errors import Misconfigured


def test_a_port_that_another_program_has_is_named() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Misconfigured, match=f"port {port} is in use: the front cannot listen"):
            bind(port, "the front")


def test_free_ports_are_as_many_as_were_wanted_each_another_and_none_that_systems_hand_out() -> None:
    ports = free_ports(20)
    assert (len(set(ports)), max(ports) < 32_768, min(ports) >= 10_000) == (20, True, True)
