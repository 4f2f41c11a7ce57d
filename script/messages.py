"""Sentences for the person at the terminal, in Chinese and in English."""

import contextlib
import sys
from collections.abc import Iterator


class Unable(Exception):
    """What was asked for cannot be done here; carries the same sentence in Chinese and in English."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(chinese, english)


def say(chinese: str, english: str) -> None:
    print(f"{chinese} {english}", flush=True)


@contextlib.contextmanager
def failing_with(status: int) -> Iterator[None]:
    """Turns `Unable` into its sentences and an exit status."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        yield
    except Unable as error:
        print(*error.args, sep="\n", file=sys.stderr)
        sys.exit(status)
    except KeyboardInterrupt:
        sys.exit(130)
