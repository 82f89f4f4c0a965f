"""How the embedded voice model is made: from a folder of clips to three small weight files.

Run as `make tiny`, or step by step as `python -m tiny STEP`. Every step writes into one working
folder, goes on where it was interrupted, and draws random numbers by index, so that the same clips
give the same weights on the same machine.
"""
