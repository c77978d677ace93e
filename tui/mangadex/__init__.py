"""The async client of the MangaDex API: auth, limits, multipart, typed results and errors. No UI."""
