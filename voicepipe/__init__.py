"""voicepipe: branching screenplays in, versioned banks of cloned voices out.

Glossary, one word per thing. `docs/reference/glossary.md` shows the same list.

Script:

- line: one spoken entry of a script, with an id that never changes; it has a text a language.
- text: what a line says in one language.
- speaker: the name in the script.
- direction: the note to the actor (`note:`); never spoken.
- delivery: emotion, speed, pitch and pauses of a line.
- inline tag: `[pause:400ms]`, `[emotion:sad]` and their like inside a text.
- variant: one of the clips of a line whose text holds a variable, or that a group speaks.
- bark: a line outside the story's graph, triggered by the game.
- override: a human recording that wins over any take.
- slot: how long a line's speech lasts in a picture that is cut.

Voices:

- voice: who renders a speaker's lines; a file in `voices/`.
- cast: which voice renders which speaker.
- reference clip: the 3 to 10 s recording that sets timbre and delivery of a cloned voice.
- prompt: what the models hear in a reference clip, kept so that it is heard once.
- consent record: who allowed a voice, for which banks, languages and days.
- revocation: a consent taken back; its note stands above every file.
- engine: what makes takes: `gpt-sovits` or `scratch`.
- model: the weight files a voice speaks with, pinned by hash in `models.lock`.
- lexicon: how a project's words are said.

Making:

- request: one line to render, complete: all that its engine may look at.
- take: the sound that an engine made for one request.
- attempt: one answer of an engine for a line, with a seed of its own.
- judge: what decides which attempt becomes the take: accepts one, asks for another, refuses.
- alignment: when each phoneme of a take or clip sounds: as its engine knows, or as it is heard.
- take key: hash of all that can change a take's sound; same key, same stored bytes.
- pace: a factor on every speed of a line, by which it is brought to its slot.
- retake: the next take of a line, with another seed.
- candidate: a take that was made to choose from, and that no version knows.
- pin: a decision that a line keeps one take.
- decisions: retakes, seeds, pins, approvals and the like: what people decided about single lines.
- post-processing: trimming, resampling, loudness, fades, metadata: from take to clip.
- clip: a take or an override after post-processing, as it ships.
- clip key: hash of take key, post-processing and metadata.
- encoding: a form a clip is written in for a game: FLAC, Ogg Vorbis, Opus, MP3 or another WAV.
- mouth sound: what phonemes look like; several phonemes, in any language, may look alike.
- caption: what is shown of a line at one time.
- part: a stretch of a line that is spoken alike, at once.
- batch slot: a place in the batch of a worker, for one part.
- in flight: begun and not ended.
- worker: a process that makes clips on one device.
- worker backend: what starts workers and carries messages: this machine, or a cluster.
- scheduler: what decides which worker gets which line, and what a death means.
- continuous batching: a waiting part enters the batch as another ends.
- process group: the processes that share the batches of one training.

Keeping:

- bank: the lines of a project in its languages.
- version: one immutable publication of a bank.
- manifest: what a version holds, line by line.
- object: stored bytes, named by their sha256.
- record: a small JSON file that says which object a take or clip is, and how it came to be.
- annotation: what an analyser found out about a take or a clip.
- take store: objects and records of an output folder.
- shared store: the same in a bucket or folder that machines share.
- quarantine: where damaged files of the store are set aside.
- plan: what a render would do, and why.
- up-to-date stamp: from which inputs the latest whole version followed; spares the reading.
- schema number: which shape a stored file has.
"""

__version__ = "0.1.0"
