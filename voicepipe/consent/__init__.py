"""Consent: who allowed what, until when, and the gate that holds us to it."""
