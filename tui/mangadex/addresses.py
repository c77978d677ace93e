"""Addresses of the service, checked once, before any secret can be sent to them."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from tui.mangadex.errors import UnsafeAddress


def check_address(address: str) -> str:
    """`address` without a trailing slash, if secrets may be sent there.

    https to any host; plain http only to this machine itself, since passwords and tokens would cross a
    network readable. Raises UnsafeAddress, whose text names the rule.
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port  # raises ValueError when it is no number
    except ValueError:
        raise UnsafeAddress("This is not an address", address) from None
    if parts.scheme not in ("https", "http") or not host or any(c.isspace() or ord(c) < 32 for c in address):
        raise UnsafeAddress("An address starts with https:// and a host name", address)
    if parts.username is not None or parts.password is not None:
        raise UnsafeAddress("An address holds no user name or password", f"host {host}")
    if parts.query or parts.fragment:
        raise UnsafeAddress("An address ends with its path: no ? and no #", f"host {host}")
    if parts.scheme == "http" and not is_loopback(host):
        raise UnsafeAddress("Plain http is only for this machine itself (127.0.0.1, ::1, localhost)", address)
    return address.rstrip("/")


def is_loopback(host: str) -> bool:
    """True for names and numbers that never leave this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
