"""dexup line by line, for screen readers, braille displays and terminals that cannot move their cursor.

Nothing is painted over: every answer, every change and every event is a line of its own, below the one before.
"""
