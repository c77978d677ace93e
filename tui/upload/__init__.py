"""The upload engine: a frozen plan goes up page by page, and is committed when the gate says so. No UI."""
