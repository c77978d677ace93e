"""The queue: many chapters, one after the other through the engine. No UI."""
