"""Voices: who renders a speaker, from which recordings, with which delivery.

This room knows nothing of engines, takes or banks.
"""
