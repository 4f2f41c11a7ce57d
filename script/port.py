"""Where the web server will listen."""

import errno
import os
import socket

from messages import Unable


def bind_address() -> str:
    return os.environ.get("BIND") or "127.0.0.1"


def chosen_port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Unable(f"端口号 PORT={text} 无效。", f"PORT={text} is not a port number.")
    return int(text)


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind_address(), port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Unable(
                    f"端口 {port} 已被占用，请换一个，例如：PORT={port + 1} script/server",
                    f"Port {port} is taken; choose another: PORT={port + 1} script/server",
                ) from None
            raise Unable(
                f"无法使用端口 {port}：{error.strerror}。", f"Port {port} cannot be used: {error.strerror}."
            ) from None
