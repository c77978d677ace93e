"""Textual bindings made from the registry of actions."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from tui.keys import actions


def bindings(*ids: str) -> list[BindingType]:
    """The bindings of these actions ("page.*" stands for a whole place), remappable by their ids."""
    return [
        Binding(
            action.keys,
            action.call,
            action.label,
            show=action.show,
            tooltip=action.help,
            id=action.id,
        )
        for action in actions(*ids)
    ]
