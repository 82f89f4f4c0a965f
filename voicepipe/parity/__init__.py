"""Does this machine compute what the reference implementation computed?"""
