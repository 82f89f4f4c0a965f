"""What a second of speech costs on this machine: measured, kept, and used to foretell renders.

`measure` and `models` import torch; the rest is light, for `plan` reads it.
"""
