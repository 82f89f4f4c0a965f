"""Recordings and transcripts as training data: read, cut, measured, judged."""
