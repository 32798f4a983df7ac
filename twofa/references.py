"""Short words that people read out or type: without letters and digits that look alike."""

import secrets

# 32 symbols, so five bits each; no 0 O, 1 I.
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
GROUP = 4


def random_word(symbols: int) -> str:
    """So many symbols in groups of four: `K7Q2-M9XP` for eight."""
    word = "".join(secrets.choice(ALPHABET) for _ in range(symbols))
    return "-".join(word[start : start + GROUP] for start in range(0, symbols, GROUP))
