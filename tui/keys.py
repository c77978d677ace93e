"""Every action a key can start: its id, default keys, label and help. The footer, the help screen, the
command palette and the user's own key map are all built from this table.

A screen or widget asks for its bindings by id (`widgets/bindings.py` turns an Action into a Textual Binding).
In the settings file, `[keys] "page.move-up" = "K,ctrl+up"` replaces the default keys.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a key does."""

    id: str
    """"page.move-up": the place, a dot, the verb."""
    keys: str
    """Default keys, comma separated, as Textual names them."""
    call: str
    """The action method's name and arguments: "move(-1)"."""
    label: str
    """One or two words for the footer."""
    help: str
    """One sentence for help and palette."""
    show: bool = False
    """Shown in the footer; at most some six a place, so that it fits 80 columns."""


_ACTIONS: tuple[Action, ...] = (
    Action("app.quit", "ctrl+q", "quit_dexup", "Quit", "Leave dexup; nothing is published or deleted.", True),
    Action("app.help", "f1,question_mark", "help", "Help", "Every key that works here.", True),
    Action("app.back", "escape", "back", "Back", "Go back one screen.", True),
    Action("app.history", "f3", "history", "History", "What was uploaded, and what was interrupted."),
    Action(
        "app.mouse",
        "f8",
        "app.toggle_mouse",
        "Mouse",
        "Mouse on or off; while it is off the terminal itself selects and copies text.",
    ),
    Action("app.redraw", "ctrl+l", "app.redraw", "Redraw", "Paint the whole screen anew."),
    Action(
        "app.theme", "f9", "app.choose_theme", "Theme", "Choose light, dark, high contrast or another theme."
    ),
    # Login
    Action("login.fill", "f4", "fill", "Fill in", "Fill in the sandbox's credentials."),
    Action("login.kept", "f6", "kept", "Accounts", "Choose one of the kept accounts."),
    Action("login.submit", "ctrl+s", "submit", "Log in", "Log in with what is typed.", True),
    # Session (home)
    Action("session.new", "n", "new_chapter", "New chapter", "Choose a folder or archive to upload.", True),
    Action("session.resume", "r", "resume", "Resume", "Go on with the open upload session.", True),
    Action("session.abandon", "a", "abandon", "Abandon", "Delete the open upload session; asks first.", True),
    Action("session.queue", "b", "queue", "Queue", "Many chapters at once, one after the other.", True),
    Action("session.edit", "e", "edit", "Edit", "Change a chapter that is published already.", True),
    Action("session.refresh", "f5", "refresh_session", "Look again", "Ask the server again.", True),
    Action(
        "session.history", "h", "history", "History", "What was uploaded, and what was interrupted.", True
    ),
    Action(
        "session.terms", "t", "terms", "Terms", "The upload terms: accept them for a time, or take it back."
    ),
    Action("session.account", "l", "accounts", "Account", "Log out, or choose another account.", True),
    # Page list
    Action("page.down", "j,down", "cursor(1)", "Down", "Cursor down."),
    Action("page.up", "k,up", "cursor(-1)", "Up", "Cursor up."),
    Action("page.first", "g,home", "first", "First", "Cursor to the first row."),
    Action("page.last", "G,end", "last", "Last", "Cursor to the last row."),
    Action("page.page-down", "pagedown,ctrl+d", "screenful(1)", "Page down", "One screen down."),
    Action("page.page-up", "pageup,ctrl+b", "screenful(-1)", "Page up", "One screen up."),
    Action(
        "page.move-down", "J,alt+down", "move(1)", "Move", "Move the page, or the marked pages, down.", True
    ),
    Action("page.move-up", "K,alt+up", "move(-1)", "Move up", "Move the page, or the marked pages, up."),
    Action("page.mark", "space", "mark", "Mark", "Mark the page and step down.", True),
    Action("page.mark-all", "ctrl+a", "mark_all", "Mark all", "Mark every page, or unmark all."),
    Action("page.move-to", "m", "move_to", "Move to", "Move to a position that you type.", True),
    Action(
        "page.move-first", "less_than_sign,alt+home", "move_first", "To the top", "Move to the beginning."
    ),
    Action("page.move-last", "greater_than_sign,alt+end", "move_last", "To the end", "Move to the end."),
    Action(
        "page.reverse",
        "R",
        "reverse",
        "Turn round",
        "Put the marked pages into reverse order; swaps two pages.",
    ),
    Action("page.exclude", "x", "exclude", "Exclude", "Leave the page out, or take it in again.", True),
    Action("page.sort", "s", "sort", "Sort", "Choose the order of the pages.", True),
    Action("page.filter", "slash", "filter", "Filter", "Show only names that contain what you type."),
    Action("page.undo", "u", "undo", "Undo", "Take the last change of the order back.", True),
    Action("page.redo", "ctrl+r", "redo", "Redo", "Do the change again."),
    Action("page.replace", "equals_sign", "replace", "Replace", "Put another file in the page's place."),
    Action(
        "page.renumber",
        "number_sign",
        "renumber",
        "Renumber",
        "Show the names that the pages' numbers make; no file changes.",
    ),
    Action("page.fix", "f", "fix", "Do it", "Do what the finding about this page suggests."),
    Action("page.mend", "M", "mend", "Mend", "Convert, cut, shrink or join pages, on copies."),
    Action("page.preview", "p", "preview", "Preview", "Show the page itself."),
    Action("page.view", "v", "view", "View", "Look at the pages large, two at a time, or all at a glance."),
    # Chapter screen
    Action("chapter.next", "ctrl+n,f2", "details", "Details", "Go on to the chapter's details.", True),
    Action(
        "chapter.pane", "tab", "other_pane(1)", "Other pane", "Go to the next pane: files, pages, findings."
    ),
    Action("chapter.pane-back", "shift+tab", "other_pane(-1)", "Pane before", "Go to the pane before."),
    Action("chapter.browse", "b", "browse", "Files", "Choose another folder or archive."),
    Action("chapter.rescan", "f5", "rescan", "Read again", "Read the folder or archive again."),
    Action("findings.open", "enter", "open", "To the page", "Go to the page that has this problem.", True),
    Action("findings.fix", "f", "fix", "Do it", "Do what the finding suggests; u takes it back.", True),
    # Viewer
    Action("view.next", "j,space,pagedown", "step(1)", "Next", "The next page, or the next two."),
    Action("view.previous", "k,pageup", "step(-1)", "Previous", "The page before, or the two before."),
    Action("view.first", "g,home", "go_to(0)", "First", "The first page."),
    Action("view.last", "G,end", "go_to(-1)", "Last", "The last page."),
    Action(
        "view.left", "left", "arrow(-1, 0)", "Left", "Left in a page that is enlarged, or the page before."
    ),
    Action(
        "view.right", "right", "arrow(1, 0)", "Right", "Right in a page that is enlarged, or the next page."
    ),
    Action("view.up", "up", "arrow(0, -1)", "Up", "Up in a page that is enlarged, or on the sheet."),
    Action("view.down", "down", "arrow(0, 1)", "Down", "Down in a page that is enlarged, or on the sheet."),
    Action("view.larger", "plus,equals_sign", "zoom(1)", "Larger", "Enlarge the page.", True),
    Action("view.smaller", "minus", "zoom(-1)", "Smaller", "Make the page smaller again.", True),
    Action("view.two", "t", "two", "Two pages", "Two pages as they face each other, right to left.", True),
    Action("view.sheet", "c", "sheet", "Contact sheet", "All pages at a glance.", True),
    # File browser
    Action("files.open", "enter,l,right", "open", "Open", "Open the folder, or take the archive.", True),
    Action(
        "files.choose", "o", "choose", "Take this folder", "Take the folder under the cursor as a chapter."
    ),
    Action("files.parent", "backspace,h,left", "parent", "Up", "Go to the folder above.", True),
    Action("files.mark", "space", "mark", "Mark", "Mark the folder or archive for the queue and step down."),
    Action(
        "files.mark-all",
        "ctrl+a",
        "mark_all",
        "Mark all",
        "Mark all that is shown for the queue, or unmark all.",
    ),
    Action(
        "files.queue",
        "Q",
        "queue",
        "Queue",
        "Put the marked chapters, or all in the folder under the cursor, into the queue.",
        True,
    ),
    Action("files.hidden", "full_stop", "hidden", "Hidden", "Show or leave out hidden files."),
    Action("files.filter", "slash", "filter", "Filter", "Show only names that contain what you type.", True),
    Action("files.go-to", "ctrl+g", "go_to", "Go to", "Type a path."),
    Action("files.recent", "ctrl+o", "recent", "Recent", "Recent places."),
    Action("files.star", "S", "star", "Star", "Mark a place so that it is offered with the recent ones."),
    Action("files.add", "A", "add", "Add", "Add the folder or archive to the chapter that is open."),
    # Details
    Action("details.upload", "ctrl+n,f2", "upload", "Upload", "Check everything and start the upload.", True),
    Action(
        "details.other", "ctrl+t", "other", "Other value", "Take what another source says of the field.", True
    ),
    Action("details.write", "ctrl+s", "write", "Write dexup.toml", "Write these details to dexup.toml."),
    # Editing a published chapter
    Action("edit.take", "enter", "take", "Edit", "Choose what to change of this chapter.", True),
    Action("edit.refresh", "f5", "refresh_chapters", "Look again", "Ask the server again.", True),
    Action(
        "edit.save", "ctrl+n,f2,ctrl+s", "save", "Save", "Save the details, or go on to the upload.", True
    ),
    # Upload
    Action("upload.pause", "p", "pause", "Pause", "Send nothing new; again to go on.", True),
    Action("upload.retry", "r", "retry_now", "Retry now", "Do not wait any longer.", True),
    Action("upload.stop", "x", "stop", "Stop", "Stop; the session is kept and can be resumed.", True),
    Action("upload.limit", "b", "limit", "Bandwidth", "Cap the bandwidth, or lift the cap."),
    Action("upload.commit", "c", "commit", "Commit", "Publish the chapter; asks first.", True),
    Action(
        "upload.terms", "t", "terms", "Terms", "The upload terms: accept them for a time, or take it back."
    ),
    Action(
        "upload.filter",
        "slash",
        "filter_log",
        "Filter log",
        "Show only log lines that contain what you type.",
    ),
    Action("upload.copy", "Y", "copy_log", "Copy log", "Send the log to the terminal's clipboard."),
    Action("upload.save", "w", "save_log", "Save log", "Write the log to a file."),
    Action("upload.exclude", "e", "exclude_refused", "Leave out", "Go on without the refused pages.", True),
    Action("upload.log-in", "l", "log_in", "Log in", "Log in again, then go on."),
    Action("upload.history", "h", "history", "History", "What was uploaded, and what was interrupted."),
    Action("upload.next", "n", "next_chapter", "Next chapter", "Begin the next chapter.", True),
    Action("upload.link", "y", "copy_link", "Copy link", "Send the chapter's link to the clipboard.", True),
    # Queue
    Action("queue.start", "s", "start", "Start", "Start the queue, which asks first; or stop it.", True),
    Action(
        "queue.edit",
        "enter,e",
        "edit",
        "Edit",
        "Type into the cell; on the chapter under way: watch it.",
        True,
    ),
    Action("queue.left", "left,h", "column(-1)", "Left", "One cell to the left."),
    Action("queue.right", "right,l", "column(1)", "Right", "One cell to the right."),
    Action(
        "queue.fill", "d", "fill", "Fill down", "Copy the cell into all below it, or into the marked.", True
    ),
    Action(
        "queue.more", "plus,equals_sign", "shift(1)", "+1", "Numbers one more, from here on or of the marked."
    ),
    Action("queue.less", "minus", "shift(-1)", "-1", "Numbers one less, from here on or of the marked."),
    Action(
        "queue.count", "n", "count", "Count up", "Number the chapters one by one, from here on or the marked."
    ),
    Action(
        "queue.pattern", "t", "pattern", "Pattern", "Read numbers and titles from the names by a pattern."
    ),
    Action("queue.mark", "space", "mark", "Mark", "Mark the chapter and step down.", True),
    Action("queue.mark-all", "ctrl+a", "mark_all", "Mark all", "Mark every chapter, or unmark all."),
    Action("queue.move-down", "J,alt+down", "move(1)", "Move", "Move the chapter, or the marked, down."),
    Action("queue.move-up", "K,alt+up", "move(-1)", "Move up", "Move the chapter, or the marked, up."),
    Action("queue.pause", "p", "pause", "Leave out", "Leave the chapter out, or take it up again.", True),
    Action("queue.hold", "P", "hold", "Pause all", "Send nothing new; again to go on."),
    Action("queue.remove", "x", "remove", "Remove", "Take chapters out of the queue; the files stay.", True),
    Action("queue.add", "a", "add", "Add", "Choose folders and archives to add.", True),
    Action("queue.open", "v", "open", "Pages", "Look at the chapter's pages, and mend or sort them."),
    Action(
        "queue.again", "A", "again", "Upload again", "Upload it although such a chapter is there; asks first."
    ),
    Action("queue.undo", "u", "undo", "Undo", "Take the last change of the table back."),
    Action("queue.save", "w", "save", "Save", "Write the queue to a .csv or .toml file."),
    Action("queue.load", "i", "load", "Load", "Read a .csv or .toml file into the queue."),
    Action("queue.check", "f5", "check", "Check again", "Read the chapters again."),
    # History
    Action("history.link", "enter,o", "open_link", "Link", "Show the chapter's link.", True),
    Action("history.copy", "y", "copy_link", "Copy link", "Send the link to the terminal's clipboard.", True),
    Action(
        "history.filter",
        "slash",
        "filter",
        "Search",
        'Show only rows with what you type; "…" is a phrase, a number is whole.',
    ),
    Action("history.state", "s", "state", "By state", "Show only what is visible, processed, scheduled …"),
    Action("history.refresh", "f5", "refresh", "Ask now", "Ask MangaDex what became of the chapters.", True),
    Action("history.edit", "e", "edit", "Edit", "Change this chapter: its details, or its pages.", True),
    Action("history.resume", "r", "resume", "Resume", "Go on with the interrupted upload.", True),
)

ACTIONS: dict[str, Action] = {action.id: action for action in _ACTIONS}
"""Every action by its id."""


def actions(*ids: str) -> list[Action]:
    """The actions with these ids, in this order. A wildcard "page.*" stands for a whole place."""
    found: list[Action] = []
    for wanted in ids:
        if wanted.endswith(".*"):
            found += [action for action in _ACTIONS if action.id.startswith(wanted[:-1])]
        else:
            found.append(ACTIONS[wanted])
    return found
