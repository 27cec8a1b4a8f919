"""What are cosines of unrelated texts like, in each pair of languages, for an encoder?

    python tests/benchmark/usual_cosines.py ENCODER

ENCODER is a name that `techdock encoder list` shows, or a directory. Reads the needs and offers of
tests/benchmark/check_set and compares each need with each offer of another topic. Prints CSV: the
form of `adapters/usual/NAME.csv`, and of the file `usual.csv` in a directory of one's own.
"""

import csv
import itertools
import json
import sys
from pathlib import Path

import numpy as np
from techdock_matching.adapters import encoders
from techdock_matching.domain.ranking.meaning import meaning, pieces

CHECK_SET = Path(__file__).parent / "check_set"
LANGUAGES = ("en", "zh", "ru", "ar", "es", "fr")


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: usual_cosines.py ENCODER")
    encoder = encoders.opened(sys.argv[1])
    if encoder is None:
        sys.exit("no encoder, no cosines")
    vectors: dict[str, dict[str, list[np.ndarray]]] = {}
    topics: dict[str, list[str]] = {}
    for file in sorted(CHECK_SET.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["role"] == "near_miss":
                continue
            read = pieces([row["title"], row["text"]], row["language"])
            assert read is not None
            codes = meaning(read, encoder).astype(np.float64)
            of = vectors.setdefault(row["role"], {})
            of.setdefault(row["language"], []).append(codes / np.linalg.norm(codes))
            topics.setdefault(f"{row['role']}-{row['language']}", []).append(row["topic"])
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(("one", "other", "mean", "deviation"))
    for one, other in itertools.combinations_with_replacement(LANGUAGES, 2):
        found = []
        for here, there in {(one, other), (other, one)}:
            cosines = np.array(vectors["need"][here]) @ np.array(vectors["offer"][there]).T
            needs, offers = (
                np.array(topics[f"{r}-{x}"]) for r, x in (("need", here), ("offer", there))
            )
            found.append(cosines[needs[:, None] != offers[None, :]])
        every = np.concatenate(found)
        out.writerow((one, other, f"{every.mean():.4f}", f"{every.std():.4f}"))


if __name__ == "__main__":
    main()
