"""dexup: upload manga chapters to MangaDex from a terminal."""

__version__ = "0.1.0"
