"""The networks: checkpoints in, semantic tokens and waveforms out. Knows no lines and no banks."""
