"""Where dexup keeps its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paths:
    """The three folders of dexup and the files in them. Nothing is created before it is needed."""

    config: Path
    """What the user writes: the settings file."""
    state: Path
    """What must survive: credentials, ledger, memory, log."""
    cache: Path
    """What may be deleted at any time."""

    @classmethod
    def default(cls) -> Paths:
        """The platform's own places; the XDG variables are obeyed where they exist."""
        import platformdirs  # late: `--version` and `--help` need no folders

        return cls(
            config=platformdirs.user_config_path("dexup", appauthor=False),
            state=platformdirs.user_state_path("dexup", appauthor=False),
            cache=platformdirs.user_cache_path("dexup", appauthor=False),
        )

    @classmethod
    def below(cls, folder: Path) -> Paths:
        """A throw-away profile: everything below one folder."""
        return cls(config=folder / "config", state=folder / "state", cache=folder / "cache")

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.toml"

    @property
    def credentials_file(self) -> Path:
        return self.state / "credentials.json"

    @property
    def memory_file(self) -> Path:
        return self.state / "memory.json"

    @property
    def limits_file(self) -> Path:
        return self.state / "limits.json"

    @property
    def consent_file(self) -> Path:
        return self.state / "consent.json"

    @property
    def searches_file(self) -> Path:
        return self.cache / "searches.json"

    @property
    def orders_folder(self) -> Path:
        return self.state / "orders"

    @property
    def mended_folder(self) -> Path:
        """Mended copies; an unfinished upload may need them."""
        return self.state / "mended"

    @property
    def ledger_file(self) -> Path:
        return self.state / "ledger.sqlite"

    @property
    def log_file(self) -> Path:
        return self.state / "dexup.log"
