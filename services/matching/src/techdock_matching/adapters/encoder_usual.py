"""What cosines of unrelated texts are like for an encoder: from a file, or tried on a few texts."""

# ruff: noqa: RUF001 - letters of other scripts are what is read

import csv
from itertools import combinations
from pathlib import Path

import numpy as np

from techdock_matching.adapters.index_meaning import Usual
from techdock_matching.domain.ranking.meaning import Embedder, meaning, pieces

COLUMNS = ("one", "other", "mean", "deviation")

_UNRELATED = (
    (
        "en",
        "Laser welding of aluminium sheets for car bodies",
    ),
    ("en", "A test for shrimp ponds that finds a bacterial disease within an hour"),
    ("zh", "用于建筑外墙的保温砂浆，以工业废渣为原料"),
    ("zh", "寻求能够识别手语并译成文字的软件"),
    ("ru", "Очистка сточных вод кожевенного завода от хрома"),
    ("ru", "Беспилотный аппарат для осмотра линий электропередачи зимой"),
    ("ar", "نظام ري بالتنقيط يعمل بالطاقة الشمسية للمزارع الصغيرة"),
    ("ar", "تغليف قابل للتحلل لحفظ التمور أثناء النقل"),
    ("es", "Vacuna oral para aves de corral que no necesita cadena de frío"),
    ("es", "Sensores que miden la vibración de rodamientos y avisan de una avería"),
    ("fr", "Un matériau composite pour des prothèses de genou qui ne s'use pas"),
    ("fr", "Prévision du prix de l'électricité heure par heure pour un réseau local"),
)
"""Nothing of one is said by another."""


def usual_in(file: Path) -> Usual:
    """Return what a file says; `tests/benchmark/usual_cosines.py` makes such files.

    Raises:
        ValueError: Its header or a row is wrong; says which, what was expected and found.
    """
    pairs: dict[tuple[str, str], tuple[float, float]] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.reader(lines)
        header = next(reader, [])
        if tuple(header) != COLUMNS:
            expected, found = ",".join(COLUMNS), ",".join(header)[:200]
            raise ValueError(f"{file.name}, row 1: expected the header {expected}, found {found!r}")
        for number, cells in enumerate(reader, 2):
            try:
                one, other, mean, deviation = cells
                pairs[one, other] = float(mean), float(deviation)
            except ValueError as error:
                message = f"{file.name}, row {number}: expected two languages and two numbers"
                raise ValueError(f"{message}, found {','.join(cells)[:200]!r}") from error
            if not 0 < float(deviation) < 1:
                message = f"{file.name}, row {number}: expected a deviation between 0 and 1"
                raise ValueError(f"{message}, found {deviation!r}")
    return Usual(pairs)


def tried(encoder: Embedder) -> Usual:
    """Return about what is usual: one figure for all languages, from twelve short texts."""
    vectors = []
    for language, text in _UNRELATED:
        read = pieces([text], language)
        if read is not None:
            codes = meaning(read, encoder).astype(np.float64)
            vectors.append(codes / max(float(np.linalg.norm(codes)), 1.0))
    cosines = np.array([one @ other for one, other in combinations(vectors, 2)])
    return Usual({}, (float(cosines.mean()), max(float(cosines.std()), 0.01)))
