"""The long forms of every diagnostic about screenplays, VP121-VP250."""
