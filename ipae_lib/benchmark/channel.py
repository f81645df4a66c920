"""Messages between the benchmark and the process of a guest, who may write what it likes to them.

What comes from that process is read as JSON, within a time and up to a length, and held against
what is expected: it can spoil the guest's own row, and nothing else.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from typing import Any

_LENGTH = struct.Struct("!Q")
_LONGEST = 2**20
"""Bytes of an answer."""


class ChannelError(Exception):
    """What came is no message."""


class Channel:
    """One end of a socket over which whole messages go.

    Parameters
    ----------
    end : socket
    """

    def __init__(self, end: socket.socket) -> None:
        self.socket = end

    def send(self, content: bytes, limit: float | None = None) -> None:
        """Send a message; TimeoutError if it is not taken within ``limit`` seconds."""
        self.socket.settimeout(limit)
        self.socket.sendall(_LENGTH.pack(len(content)))
        self.socket.sendall(content)

    def tell(self, message: object) -> None:
        """Send what JSON can say."""
        self.send(json.dumps(message).encode())

    def receive(self, limit: float | None = None, longest: int | None = None) -> bytes:
        """The next message.

        Raises
        ------
        TimeoutError
            If it is not there within ``limit`` seconds.
        EOFError
            If the other end was closed.
        ChannelError
            If it is said to be longer than ``longest``.
        """
        until = None if limit is None else time.monotonic() + limit
        (length,) = _LENGTH.unpack(self._read(_LENGTH.size, until))
        if longest is not None and length > longest:
            raise ChannelError
        return self._read(length, until)

    def heard(self, limit: float) -> Any:
        """What the other end told within ``limit`` seconds; raises as `receive`."""
        try:
            return json.loads(self.receive(limit, _LONGEST))
        except (ValueError, RecursionError) as error:
            raise ChannelError from error

    def close(self) -> None:
        """Close this end."""
        self.socket.close()

    def _read(self, length: int, until: float | None) -> bytes:
        content = bytearray()
        while len(content) < length:
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0:
                raise TimeoutError
            self.socket.settimeout(left)
            piece = self.socket.recv(min(length - len(content), 2**20))
            if not piece:
                raise EOFError
            content += piece
        return bytes(content)


def pair() -> tuple[Channel, Channel]:
    """Both ends."""
    one, other = socket.socketpair()
    return Channel(one), Channel(other)
