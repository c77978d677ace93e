"""Mending pages: each recipe does the least that settles a finding, on a copy. Originals are never written to."""
