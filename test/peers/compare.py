"""Decoded columns of saccade beside those of its peers. Prints a line a check, then `N passed, N failed`.

Usage: compare.py [--data ../shared/data/dvs] [--saccade build/host/cli/main.js]
Each check reads one file with one peer, applies the conventions that differ (docs/formats.md lists them), and compares the
SHA-256 of the columns t (u64 µs), x (u16), y (u16), p (u8), little-endian, with `saccade decode --json`.
"""

import argparse
import collections.abc
import hashlib
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy

import readers

Columns = dict[str, numpy.ndarray]
DTYPES = {"t": "<u8", "x": "<u2", "y": "<u2", "p": "u1"}


class Check:
    """One comparison. `columns` are those whose convention is the same on both sides; `why` says what is left out or turned."""

    def __init__(self, peer: str, file: str, read: collections.abc.Callable[[pathlib.Path], Columns], columns: str = "txyp",
                 arguments: tuple[str, ...] = (), why: str = "") -> None:
        self.peer, self.file, self.read, self.columns, self.arguments, self.why = peer, file, read, columns, arguments, why


PUBLISHED = [
    Check("faery", "formats/evt2.raw", readers.faery_events),
    Check("expelliarmus", "formats/evt2.raw", readers.expelliarmus_events("evt2")),
    Check("faery", "formats/evt2-spinning-dot.raw", readers.faery_events),
    Check("expelliarmus", "formats/evt2-spinning-dot.raw", readers.expelliarmus_events("evt2")),
    Check("faery", "formats/dvs.es", readers.faery_events),
    Check("faery", "formats/trcl0.es", readers.faery_events),
    Check("faery", "formats/color.es", readers.faery_colour_events, "txy", why="a colour event has no polarity"),
    Check("expelliarmus", "formats/ncars.dat", readers.expelliarmus_events("dat")),
    Check("faery", "formats/ncars.dat", readers.faery_dat_events),
    Check("faery", "formats/davis346-room.aedat4", readers.faery_events),
    Check("dv-processing", "formats/davis346-room.aedat4", readers.dv_events),
    Check("faery", "formats/davis346-small.aedat4", readers.faery_events),
    Check("dv-processing", "formats/davis346-small.aedat4", readers.dv_events),
    Check("faery", "formats/dvxplorer-head.aedat4", readers.faery_events),
    Check("dv-processing", "formats/dvxplorer-head.aedat4", readers.dv_events),
    Check("tonic", "formats/davis240-boxes.aedat", readers.tonic_davis240, why="346x260 flips turned to 240x180, IMU words left out"),
    Check("tonic", "formats/sample_nmnist.bin", readers.tonic_nmnist),
    Check("tonic", "formats/ncaltech101-faces.bin", readers.tonic_nmnist),
    Check("tonic", "nmnist-small/events/1.bs2", readers.tonic_nmnist),
    Check("tonic", "dvs128-actions/neal_walking.aedat", readers.tonic_dvs128, why="axes swapped back, both turned, 1 is OFF"),
    Check("tonic", "dvs128-objects/DataSet2_Caneca.aedat", readers.tonic_dvs128, why="axes swapped back, both turned, 1 is OFF"),
    Check("tonic", "dvsgesture-fixtures/aedat1_for_testing.aedat", readers.tonic_dvs_gesture, why="t never falls"),
]


def ours(saccade: str, file: pathlib.Path, arguments: tuple[str, ...] = ()) -> dict:
    run = subprocess.run(["node", saccade, "decode", str(file), "--json", *arguments], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(run.stderr.strip())
    return json.loads(run.stdout)


def digests(columns: Columns) -> dict[str, str]:
    return {name: hashlib.sha256(values.astype(DTYPES[name]).tobytes()).hexdigest() for name, values in columns.items()}


class Report:
    def __init__(self) -> None:
        self.passed = self.failed = 0

    def line(self, ok: bool, peer: str, what: str, note: str) -> None:
        self.passed, self.failed = self.passed + ok, self.failed + (not ok)
        print(f"{'ok    ' if ok else 'NOT OK'} {peer:<14} {what:<52} {note}", flush=True)

    def compare(self, peer: str, what: str, theirs: Columns, decoded: dict, columns: str, why: str) -> None:
        wanted = digests(theirs)
        differ = [name for name in columns if wanted[name] != decoded["digest"][name]]
        same_count = len(theirs["t"]) == decoded["events"]
        note = f"{decoded['events']} events, columns {' '.join(columns)}" + (f" ({why})" if why else "")
        if differ or not same_count:
            note += f"; theirs has {len(theirs['t'])} events, columns that differ: {' '.join(differ) or 'none'}"
        self.line(not differ and same_count, peer, what, note)

    def attempt(self, peer: str, what: str, run: collections.abc.Callable[[], None]) -> None:
        """A peer that cannot read a file is a failed check, not the end of the run."""
        try:
            run()
        except Exception as error:  # noqa: BLE001
            self.line(False, peer, what, f"{type(error).__name__}: {error}")


def compare_published(report: Report, data: pathlib.Path, saccade: str) -> None:
    for check in PUBLISHED:
        file = data / check.file
        report.attempt(check.peer, check.file, lambda: report.compare(
            check.peer, check.file, check.read(file), ours(saccade, file, check.arguments), check.columns, check.why))


def compare_ours_read_by_peers(report: Report, data: pathlib.Path, saccade: str, folder: pathlib.Path) -> None:
    """Files that saccade writes, read by the peers."""
    reads = [
        ("evt2.raw", "evt2", "raw", "faery", readers.faery_events, "txyp", ""),
        ("evt2.raw", "evt2", "raw", "expelliarmus", readers.expelliarmus_events("evt2"), "txyp", ""),
        ("evt2-spinning-dot.raw", "evt3", "raw", "faery", readers.faery_events, "txyp", ""),
        ("evt2-spinning-dot.raw", "evt3", "raw", "expelliarmus", readers.expelliarmus_events("evt3"), "xyp",
         "it adds 4096 µs more at each new TIME_HIGH"),
        ("evt2.raw", "evt3", "raw", "faery", readers.faery_events, "xyp", "it keeps no wraps of 2^24 µs"),
        ("davis346-room.aedat4", "aedat4", "aedat4", "faery", readers.faery_events, "txyp", ""),
        ("davis346-room.aedat4", "aedat4", "aedat4", "dv-processing", readers.dv_events, "txyp", ""),
        ("evt2.raw", "aedat4", "aedat4", "dv-processing", readers.dv_events, "txyp", ""),
        ("dvs.es", "csv", "csv", "numpy", readers.numpy_csv, "txyp", ""),
        ("dvs.es", "npz", "npz", "numpy", readers.numpy_npz, "txyp", ""),
    ]
    for source, to, extension, peer, read, columns, why in reads:
        what = f"{source} written as {to}"
        written = folder / f"{source}.{to}.{extension}"

        def run() -> None:
            subprocess.run(["node", saccade, "convert", str(data / "formats" / source), str(written), "--to", to],
                           check=True, capture_output=True, text=True)
            report.compare(peer, what, read(written), ours(saccade, data / "formats" / source), columns, why)

        report.attempt(peer, what, run)


def compare_peers_read_by_us(report: Report, data: pathlib.Path, saccade: str, folder: pathlib.Path) -> None:
    """Files that the peers write, read by saccade: formats and packings of which no recording is at hand."""
    source, small = data / "formats" / "evt2-spinning-dot.raw", data / "formats" / "trcl0.es"
    columns = {recording: readers.faery_events(recording) for recording in (source, small)}
    writers = readers.faery_writers(source, small) + [(writer, source) for writer in readers.dv_writers(columns[source], (640, 480))]
    for (name, write), recording in writers:
        peer, what = name.split()

        def run() -> None:
            report.compare(peer, f"{recording.name} written by it as {what}", columns[recording], ours(saccade, write(folder)), "txyp", "")

        report.attempt(peer, f"{recording.name} written by it as {what}", run)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=pathlib.Path, default=pathlib.Path("../shared/data/dvs"))
    arguments.add_argument("--saccade", default="build/host/cli/main.js")
    given = arguments.parse_args()
    if not given.data.is_dir():
        print(f"no recordings at {given.data}: nothing to compare", file=sys.stderr)
        return 1
    report = Report()
    compare_published(report, given.data, given.saccade)
    with tempfile.TemporaryDirectory() as folder:
        compare_ours_read_by_peers(report, given.data, given.saccade, pathlib.Path(folder))
        compare_peers_read_by_us(report, given.data, given.saccade, pathlib.Path(folder))
    print(f"{report.passed} passed, {report.failed} failed")
    return 0 if report.failed == 0 and report.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
