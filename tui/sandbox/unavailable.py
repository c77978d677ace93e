"""What is said when the sandbox's own libraries are missing."""

from __future__ import annotations


class SandboxUnavailable(ModuleNotFoundError):
    """starlette, python-multipart or uvicorn is not installed; `name` says which."""

    def __init__(self, name: str | None) -> None:
        super().__init__(
            f"The sandbox needs {name or 'libraries'} that the extra brings: pip install 'dexup[sandbox]'",
            name=name,
        )
