"""The six screens, one a file. They show what the layers below know and give commands; they hold no upload state."""
