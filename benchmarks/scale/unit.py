"""Measure one unit of work in a process of its own: python -m scale.unit PHENOMENON BLOCK SEEDS.

Prints, as JSON, the processor seconds of its start, imports included, and of the block, and the
bytes of memory that it had at most. Processor time is what the work costs on one core, whatever
else the machine does meanwhile.
"""

from __future__ import annotations

import json
import resource
import sys
from time import process_time

from nonlin.study import blocks, claims
from nonlin.study.shards import ids_of


def main(phenomenon: str, number: int, seeds: int, quick: bool) -> None:
    """Measure the block for every claim that it may have to answer."""
    claims.phenomenon(phenomenon)
    started = process_time()
    ids = ids_of(claims.ids(), phenomenon, number)
    blocks.measure(blocks.Block(phenomenon, ids, number, seeds, quick))
    block = process_time() - started
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    print(json.dumps({"start": started, "block": block, "memory": memory}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), "--quick" in sys.argv)
