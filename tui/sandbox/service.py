"""The state of the sandbox's service, and the questions that several endpoints ask of it."""

from __future__ import annotations

import uuid
from typing import Any

from tui.sandbox.options import SandboxOptions
from tui.sandbox.page_store import PageStore
from tui.sandbox.records import Author, Chapter, Group, Manga, SessionFile, UploadSession, User
from tui.sandbox.seed import Seed, make_seed
from tui.sandbox.tokens import Tokens


class Service:
    """Everything that the endpoints read and change. Used in the server's event loop.

    A test may look at it from another thread while no request is under way.
    """

    def __init__(self, options: SandboxOptions) -> None:
        seed: Seed = make_seed(options.username, options.clock())
        self.options = options
        self.store = PageStore(options.data)
        self.users: dict[str, User] = {user.id: user for user in seed.users}
        self.authors: dict[str, Author] = {author.id: author for author in seed.authors}
        self.manga: dict[str, Manga] = {manga.id: manga for manga in seed.manga}
        self.groups: dict[str, Group] = {group.id: group for group in seed.groups}
        self.chapters: dict[str, Chapter] = {chapter.id: chapter for chapter in seed.chapters}
        self.sessions: dict[str, UploadSession] = {}
        self.account: User = seed.account
        self.manga_id = seed.manga_id
        self.group_id = seed.group_id
        self.approval_required = options.approval_required
        self.tokens = Tokens(
            options.clock,
            client_id=options.client_id,
            access_life=options.access_token_life,
            refresh_life=options.refresh_token_life,
            single_use_refresh=options.single_use_refresh,
        )

    def now(self) -> float:
        return self.options.clock()

    def close(self) -> None:
        self.store.close()

    # Sessions

    def session_of(self, user_id: str) -> UploadSession | None:
        """The session that the account has open."""
        life = self.options.session_life
        for session in list(self.sessions.values()):
            if life and self.now() - session.updated_at > life:
                self.drop_session(session)
            elif session.user_id == user_id:
                return session
        return None

    def drop_session(self, session: UploadSession) -> None:
        """The session and its files are gone."""
        self.sessions.pop(session.id, None)
        for file in session.files.values():
            self.store.forget(file)
        session.files.clear()

    def drop_sessions(self) -> None:
        for session in list(self.sessions.values()):
            self.drop_session(session)

    def pages_for_edit(self, chapter: Chapter) -> list[SessionFile]:
        """The chapter's pages as files of an edit session. Blocks."""
        files = []
        for number, page in enumerate(chapter.pages, 1):
            content = self.store.read_page(chapter, number)
            files.append(
                SessionFile(
                    id=str(uuid.uuid4()),
                    # Both are "" for pages that were there from the start, as the service may send them (4.3).
                    name=page.name,
                    sha256=page.sha256,
                    size=len(content),
                    mime_type=page.mime_type,
                    path=self.store.spool(content),
                    remote=True,
                )
            )
        return files

    # Chapters

    def is_listed(self, chapter: Chapter) -> bool:
        """Whether anyone can see the chapter: processed and approved (4.8)."""
        now = self.now()
        approved = chapter.approved or (chapter.approved_at is not None and now >= chapter.approved_at)
        return approved and now >= chapter.processed_at

    def chapters_of(self, manga_id: str) -> list[Chapter]:
        """The listed chapters of a title."""
        return [
            chapter
            for chapter in self.chapters.values()
            if chapter.manga_id == manga_id and self.is_listed(chapter)
        ]

    def may_edit(self, chapter: Chapter, user_id: str) -> bool:
        """The uploader and the members of its groups may."""
        groups = (self.groups.get(group_id) for group_id in chapter.group_ids)
        return chapter.uploader_id == user_id or any(group.has_member(user_id) for group in groups if group)

    def page_bytes(self, chapter_id: str, number: int) -> bytes:
        """The committed bytes of a page, counted from 1. KeyError or IndexError when there is none. Blocks."""
        return self.store.read_page(self.chapters[chapter_id], number)

    def committed(self) -> list[Chapter]:
        """The chapters that were committed to this sandbox, oldest first."""
        own = [chapter for chapter in self.chapters.values() if self.store.folder_of(chapter.id).exists()]
        return sorted(own, key=lambda chapter: chapter.created_at)

    def as_document(self) -> dict[str, Any]:
        """What `/_sandbox/state` tells."""
        return {
            "user": self.account.id,
            "sessions": [
                {
                    "id": session.id,
                    "manga": session.manga_id,
                    "groups": session.group_ids,
                    "chapter": session.chapter_id,
                    "files": [
                        {"id": file.id, "name": file.name, "sha256": file.sha256, "size": file.size}
                        for file in session.files.values()
                    ],
                }
                for session in self.sessions.values()
            ],
            "chapters": [
                {
                    "id": chapter.id,
                    "manga": chapter.manga_id,
                    "groups": chapter.group_ids,
                    "volume": chapter.volume,
                    "chapter": chapter.chapter,
                    "title": chapter.title,
                    "language": chapter.language,
                    "version": chapter.version,
                    "listed": self.is_listed(chapter),
                    "pages": [
                        {"name": page.name, "sha256": page.sha256, "size": page.size, "type": page.mime_type}
                        for page in chapter.pages
                    ],
                }
                for chapter in self.committed()
            ],
        }
