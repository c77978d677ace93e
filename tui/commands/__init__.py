"""The headless commands, one a file.

No screen, never a question: `login` alone asks, and only on a terminal.
"""
