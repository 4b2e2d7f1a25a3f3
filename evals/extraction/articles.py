"""A benchmark of others, on articles of newspapers and blogs: it may not be kept here, and is read where it is.

https://github.com/scrapinghub/article-extraction-benchmark (MIT for what is theirs; the articles are their
publishers'): 181 pages with the text of the article as people marked it. Looked for beside the sets of `evals`.
"""

import gzip
import json

from evals import sets

FOLDER = "article-extraction-benchmark"


def articles() -> list[tuple[bytes, str]]:
    """Markup and gold text of each page; none where the benchmark is not there."""
    place = sets.folder() / FOLDER
    if not (place / "ground-truth.json").exists():
        return []
    truth = json.loads((place / "ground-truth.json").read_text(encoding="utf-8"))
    return [
        (gzip.decompress((place / "html" / f"{name}.html.gz").read_bytes()), truth[name]["articleBody"])
        for name in sorted(truth)
    ]
