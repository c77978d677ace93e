from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module", ["models", "errors", "credentials", "clock", "decode", "entities", "limits"]
)
def test_what_screens_and_commands_need_first_loads_no_http_library(module: str) -> None:
    code = f"import sys, tui.mangadex.{module}; sys.exit('httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
