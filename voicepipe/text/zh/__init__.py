"""Mandarin: normalization, word segmentation, tone sandhi, pinyin to symbols."""
