"""Proof after the commit: what the service shows of a committed chapter, asked for until it is visible."""
