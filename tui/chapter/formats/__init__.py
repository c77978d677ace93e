"""Readers of image headers, one file format a module. `tui.chapter.images` holds the table of them."""
