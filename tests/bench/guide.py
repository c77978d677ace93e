"""The peer: how the service's guide for developers describes an upload, as a program.

Log in; delete a session that is open; begin; send the pages in requests of five, one after the other, and note
the ids of the answers; commit in that order. A process of its own, with the settings that httpx has by itself.
`--files 10` makes it the best that one request after the other can do.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import time
from pathlib import Path

import httpx


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--manga", required=True)
    parser.add_argument("--group", required=True)
    parser.add_argument("--files", type=int, default=5)
    given = parser.parse_args()
    api = os.environ["DEXUP_API_URL"]
    refused = 0
    with httpx.Client(timeout=600.0) as http:
        login = http.post(
            os.environ["DEXUP_AUTH_URL"] + "/token",
            data={
                "grant_type": "password",
                "username": os.environ["DEXUP_USERNAME"],
                "password": os.environ["DEXUP_PASSWORD"],
                "client_id": os.environ["DEXUP_CLIENT_ID"],
                "client_secret": os.environ["DEXUP_CLIENT_SECRET"],
            },
        )
        http.headers["Authorization"] = f"Bearer {login.raise_for_status().json()['access_token']}"
        open_one = http.get(f"{api}/upload")
        if open_one.status_code == 200:
            http.delete(f"{api}/upload/{open_one.json()['data']['id']}").raise_for_status()
        begun = http.post(f"{api}/upload/begin", json={"manga": given.manga, "groups": [given.group]})
        session = begun.raise_for_status().json()["data"]["id"]
        pages = sorted(given.folder.iterdir())
        ids = []
        first = time.time()
        for start in range(0, len(pages), given.files):
            with contextlib.ExitStack() as files:
                parts = {
                    f"file{number}": (path.name, files.enter_context(path.open("rb")), "image/png")
                    for number, path in enumerate(pages[start : start + given.files], 1)
                }
                answer = http.post(f"{api}/upload/{session}", files=parts)
            refused += answer.status_code == 429
            ids += [entry["id"] for entry in answer.raise_for_status().json()["data"]]
        last = time.time()
        draft = {"volume": None, "chapter": "5", "title": None, "translatedLanguage": "en"}
        done = http.post(
            f"{api}/upload/{session}/commit",
            json={"chapterDraft": draft, "pageOrder": ids, "termsAccepted": True},
        )
        done.raise_for_status()
    print(json.dumps({"first": first, "last": last, "committed": time.time(), "refused": refused}))


if __name__ == "__main__":
    main()
