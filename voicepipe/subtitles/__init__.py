"""Subtitles: what is written, when it is heard, in lines a player can read.

Knows texts and times; knows nothing of stores, scripts or engines.
"""
