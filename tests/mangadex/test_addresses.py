from __future__ import annotations

import pytest

from tui.mangadex.addresses import check_address
from tui.mangadex.client import MangaDex
from tui.mangadex.errors import UnsafeAddress


@pytest.mark.parametrize(
    "address",
    [
        "https://api.mangadex.org",
        "https://api.mangadex.org:8443/v5",
        "http://127.0.0.1:8000",
        "http://127.3.2.1",
        "http://[::1]:8000",
        "http://LOCALHOST:1",
    ],
)
def test_addresses_to_which_secrets_may_go(address: str) -> None:
    assert check_address(address + "/") == address


@pytest.mark.parametrize(
    "address",
    [
        "http://api.mangadex.org",
        "http://127.0.0.1.example.org",
        "http://192.168.0.7:8000",
        "http://localhost.example.org",
        "api.mangadex.org",
        "ftp://127.0.0.1",
        "https://",
        "https://user:pa55@api.mangadex.org",
        "https://api.mangadex.org?x",
        "https://api.mangadex.org#x",
        "https://api.mangadex.org:port",
        "https://[::1",
        "https://api.mangadex.org\n",
        "",
    ],
)
def test_any_other_is_refused_with_the_remedy(address: str) -> None:
    with pytest.raises(UnsafeAddress) as caught:
        MangaDex(address, None)
    assert "https://" in caught.value.remedy
    assert "pa55" not in str(caught.value)
