"""What dexup keeps on this machine: settings, credentials, and what was used before.

No network, no screen.
"""
