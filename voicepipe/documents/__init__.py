"""Reading structured text safely, with a position for everything in it."""
