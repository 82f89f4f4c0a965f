"""Pages that people look at in a browser: a review of clips, and the story to play.

A page is a folder of files that opens from disk: nothing in it asks a network for anything. The
room is given records and writes files; it knows nothing of projects or how they are read.
"""
