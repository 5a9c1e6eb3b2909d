"""Watches a Python program for any attempt to reach beyond the machine: put on its path as ``sitecustomize``.

Every use of a socket and every program that is started is written to the file ``NETWORK_WITNESS`` names, one JSON
object a line. An attempt to reach further than loopback is stopped there and then. It sees what goes through Python;
for native code the kernel's own counters are read instead.
"""

from __future__ import annotations

import ipaddress
import json
import os
import sys
from typing import Any

REACHING = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"}
ASKING = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
STARTING = {"subprocess.Popen", "os.posix_spawn", "os.exec", "os.system"}


def beyond(event: str, given: tuple[Any, ...]) -> bool:
    """Whether the event would leave this machine, or ask another one for a name."""
    address = given[1] if event in REACHING else given[0]
    if event in REACHING and not isinstance(address, tuple):
        return False  # A path in the file system, or the peer of a socket that was let through.
    host = address[0] if isinstance(address, tuple) else address
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost"):
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def witness(event: str, given: tuple[Any, ...]) -> None:
    """The audit hook."""
    if event in REACHING | ASKING:
        away = beyond(event, given)
        write({"event": event, "beyond": away, "what": repr(given[1:] if event in REACHING else given)})
        if away:
            raise PermissionError(f"{event} beyond this machine: {given[1:]}")
    elif event in STARTING:
        write({"event": event, "beyond": False, "what": str(given[0])})


def write(seen: dict[str, Any]) -> None:
    """Append a line, whole even where several threads or programs write."""
    os.write(_FILE, (json.dumps(seen) + "\n").encode())


if __name__ == "sitecustomize":
    _FILE = os.open(os.environ["NETWORK_WITNESS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sys.addaudithook(witness)
    write({"event": "watching", "beyond": False, "what": " ".join(sys.orig_argv)})
