"""The sandbox: a stand-in for MangaDex that serves on this machine alone.

It shares no code with the rest of dexup, so that the client and the sandbox cannot make the same mistake.
A new endpoint is a function in one of the `*_routes.py` files and a line in its ROUTES; a new scripted fault is
a class in `fault_actions.py`; a new knob is a field of :class:`tui.sandbox.options.SandboxOptions`.
"""
