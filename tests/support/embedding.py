"""An encoder for tests: texts that share letters in threes lie near, in whatever language."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from techdock_matching.domain.ranking.meaning import Embedder, Vectors
from typing_extensions import override

DIMENSION = 64


class LetterEncoder(Embedder):
    """Counts what it was asked, so that tests see what was embedded twice."""

    def __init__(self, name: str = "letters-1") -> None:
        self._name = name
        self.asked = 0

    @property
    @override
    def name(self) -> str:
        return self._name

    @property
    @override
    def dimension(self) -> int:
        return DIMENSION

    @override
    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += 1
        found = np.zeros((len(texts), DIMENSION), np.float32)
        for row, text in enumerate(texts):
            for at in range(max(1, len(text) - 2)):
                digest = blake2b(text[at : at + 3].lower().encode(), digest_size=2).digest()
                found[row, digest[0] % DIMENSION] += 1 if digest[1] % 2 else -1
        lengths = np.sqrt((found * found).sum(axis=1, keepdims=True))
        return found / np.maximum(lengths, 1e-9)
