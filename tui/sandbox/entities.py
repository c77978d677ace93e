"""How users, titles, groups, chapters and sessions look in answers."""

from __future__ import annotations

from tui.sandbox.call import Call, relationship
from tui.sandbox.records import Chapter, Document, Group, Manga, SessionFile, UploadSession, User
from tui.sandbox.replies import timestamp


def user_entity(user: User) -> Document:
    return {"id": user.id, "type": "user", "attributes": user_attributes(user), "relationships": []}


def user_attributes(user: User) -> Document:
    return {"username": user.username, "roles": user.roles, "version": user.version}


def manga_attributes(call: Call, manga: Manga) -> Document:
    chapters = call.service.chapters_of(manga.id)
    latest = max(chapters, key=lambda chapter: chapter.readable_at, default=None)
    return {
        **manga.attributes,
        "availableTranslatedLanguages": sorted({chapter.language for chapter in chapters}),
        "latestUploadedChapter": latest.id if latest else None,
    }


def manga_entity(call: Call, manga: Manga) -> Document:
    people = []
    for kind, ids in (("author", manga.author_ids), ("artist", manga.artist_ids)):
        for author_id in ids:
            name = {"name": call.service.authors[author_id].name, "version": 1}
            people.append(relationship(kind, author_id, name if call.wants(kind) else None))
    return {
        "id": manga.id,
        "type": "manga",
        "attributes": manga_attributes(call, manga),
        "relationships": people,
    }


def group_entity(call: Call, group: Group) -> Document:
    people = []
    leader = [("leader", group.leader_id)] if group.leader_id else []
    for kind, user_id in [*leader, *(("member", member) for member in group.member_ids)]:
        user = call.service.users.get(user_id)
        attributes = user_attributes(user) if user and call.wants(kind) else None
        people.append(relationship(kind, user_id, attributes))
    return {
        "id": group.id,
        "type": "scanlation_group",
        "attributes": group.attributes,
        "relationships": people,
    }


def chapter_entity(call: Call, chapter: Chapter) -> Document:
    processed = call.service.now() >= chapter.processed_at
    return {
        "id": chapter.id,
        "type": "chapter",
        "attributes": {
            "volume": chapter.volume,
            "chapter": chapter.chapter,
            "title": chapter.title,
            "translatedLanguage": chapter.language,
            "externalUrl": chapter.external_url,
            "isUnavailable": chapter.unavailable,
            "publishAt": timestamp(chapter.publish_at),
            "readableAt": timestamp(chapter.readable_at),
            "createdAt": timestamp(chapter.created_at),
            "updatedAt": timestamp(chapter.updated_at),
            "pages": max(0, len(chapter.pages) - call.service.options.pages_lost) if processed else 0,
            "version": chapter.version,
        },
        "relationships": [
            *_groups(call, chapter.group_ids),
            _manga(call, chapter.manga_id),
            _user(call, chapter.uploader_id),
        ],
    }


def session_entity(call: Call, session: UploadSession) -> Document:
    relationships = [
        _user(call, session.user_id),
        _manga(call, session.manga_id),
        *_groups(call, session.group_ids),
    ]
    if session.chapter_id is not None:
        chapter = call.service.chapters[session.chapter_id]
        attributes = chapter_entity(call, chapter)["attributes"] if call.wants("chapter") else None
        relationships.append(relationship("chapter", chapter.id, attributes))
    if call.wants("upload_session_file") and call.service.options.list_session_files:
        relationships += [
            relationship("upload_session_file", file.id, file_attributes(file))
            for file in session.files.values()
        ]
    return {
        "id": session.id,
        "type": "upload_session",
        "attributes": {
            "isCommitted": False,
            "isProcessed": False,
            "isDeleted": False,
            "version": session.version,
            "createdAt": timestamp(session.created_at),
            "updatedAt": timestamp(session.updated_at),
        },
        "relationships": relationships,
    }


def file_entity(file: SessionFile) -> Document:
    return {
        "id": file.id,
        "type": "upload_session_file",
        "attributes": file_attributes(file),
        "relationships": [],
    }


def file_attributes(file: SessionFile) -> Document:
    return {
        "originalFileName": file.name,
        "fileHash": file.sha256,
        "fileSize": file.size,
        "mimeType": file.mime_type,
        "source": "remote" if file.remote else "local",
        "version": file.version,
    }


def _groups(call: Call, group_ids: list[str]) -> list[Document]:
    known = call.service.groups
    wanted = call.wants("scanlation_group")
    return [
        relationship(
            "scanlation_group", group_id, known[group_id].attributes if wanted and group_id in known else None
        )
        for group_id in group_ids
    ]


def _manga(call: Call, manga_id: str) -> Document:
    manga = call.service.manga.get(manga_id)
    attributes = manga_attributes(call, manga) if manga and call.wants("manga") else None
    return relationship("manga", manga_id, attributes)


def _user(call: Call, user_id: str) -> Document:
    user = call.service.users.get(user_id)
    return relationship("user", user_id, user_attributes(user) if user and call.wants("user") else None)
