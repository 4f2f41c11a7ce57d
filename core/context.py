"""What an event must know of the request it happens in, without handing the request around."""

from contextvars import ContextVar

remote_address: ContextVar[str | None] = ContextVar("remote_address", default=None)
