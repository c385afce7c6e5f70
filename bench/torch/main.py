"""
main.py FOLDER spikingjelly|spikingjelly-binary|snntorch

Answers "run N" lines with the seconds that N windows took, as bench/contestants/child.ts asks.
"""

import json
import sys
import time
from pathlib import Path

import torch

from network import ENGINES, read


def main() -> None:
    folder, name = sys.argv[1:]
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    layers, windows = read(Path(folder))
    network = ENGINES[name](layers).eval()
    with torch.inference_mode():
        outputs = [network(window)[0].tolist() for window in windows]
        print(json.dumps({"version": f"{network.version}, PyTorch {torch.__version__}", "outputs": outputs}), flush=True)
        at = 0
        for line in sys.stdin:
            times = int(line.split()[1])
            began = time.perf_counter()
            for _ in range(times):
                network(windows[at])
                at = (at + 1) % len(windows)
            print(json.dumps({"seconds": time.perf_counter() - began}), flush=True)


main()
