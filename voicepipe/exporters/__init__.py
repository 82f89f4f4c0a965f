"""From a published version to what game engines and middleware read.

An exporter says which files an export holds; it opens, writes and removes none. `writing` does
that, the same way for all. Exporters know nothing of projects, consent or the store.
"""
