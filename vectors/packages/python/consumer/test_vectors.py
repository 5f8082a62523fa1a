# SPDX-License-Identifier: CC0-1.0
import json

import grove_vectors


def test_vectors():
    count = 0
    for kind in "rules", "golden", "generated":
        for file in grove_vectors.FILES.joinpath("vectors", kind).iterdir():
            if file.name.endswith(".json"):
                suite = json.loads(file.read_text("utf-8"))
                count += len(suite["vectors"])  # ask your GRO, and compare
    print(f"{count} vectors")


if __name__ == "__main__":
    test_vectors()
