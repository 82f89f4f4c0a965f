"""The loops that train both stages, in one process or several, resumable bit for bit."""
