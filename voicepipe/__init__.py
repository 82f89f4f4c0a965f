"""voicepipe: branching screenplays in, versioned banks of cloned voices out.

Glossary, one word per thing:

- line: one spoken entry with a stable id; text: a line in one language.
- speaker: the name in the script; voice: who renders it.
- delivery: emotion, speed, pitch, pauses; direction: the note to the actor.
- reference clip: the 3-10 s recording that sets timbre and delivery.
- take: one rendering of one text; retake: another seed; pin: a take that never changes by itself.
- clip: a take (or a human recording) after post-processing, as shipped.
- override: a human recording that wins over any take.
- bank: the lines of a project in its languages; version: one immutable publication of it.
"""

__version__ = "0.1.0"
