"""GPT-SoVITS behind the engine protocol: cloned voices from the community's checkpoints."""
