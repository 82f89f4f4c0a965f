"""Accounts of what a bank holds, for people outside the studio: performers, shops, authorities."""
