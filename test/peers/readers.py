"""The peers' readers and writers, each giving columns t (µs), x, y, p in saccade's conventions: top left origin, 1 is ON."""

import collections.abc
import importlib.util
import pathlib
import sys

import numpy

Columns = dict[str, numpy.ndarray]
Reader = collections.abc.Callable[[pathlib.Path], Columns]
Writer = tuple[str, collections.abc.Callable[[pathlib.Path], pathlib.Path]]


def _columns(t, x, y, p) -> Columns:
    return {"t": numpy.asarray(t), "x": numpy.asarray(x), "y": numpy.asarray(y), "p": numpy.asarray(p)}


def faery_events(file: pathlib.Path) -> Columns:
    import faery

    events = faery.events_stream_from_file(file, dimensions_fallback=(640, 480)).to_array()
    return _columns(events["t"], events["x"], events["y"], events["on"])


def faery_colour_events(file: pathlib.Path) -> Columns:
    """Its stream of events refuses colour; the decoder under it gives y from the bottom, as the file has it."""
    import faery.extension

    decoder = faery.extension.es.Decoder(str(file), 0)
    _, height = decoder.dimensions
    events = numpy.concatenate(list(decoder))
    return _columns(events["t"], events["x"], height - 1 - events["y"], numpy.ones(len(events)))


def faery_dat_events(file: pathlib.Path) -> Columns:
    import faery.extension

    events = numpy.concatenate(list(faery.extension.dat.Decoder(str(file), (1280, 720), "dat2")))
    names = events.dtype.names
    return _columns(events["t"], events["x"], events["y"], events["on" if "on" in names else names[3]])


def expelliarmus_events(encoding: str) -> Reader:
    def read(file: pathlib.Path) -> Columns:
        import expelliarmus

        events = expelliarmus.Wizard(encoding=encoding).read(str(file))
        return _columns(events["t"], events["x"], events["y"], events["p"])

    return read


def dv_events(file: pathlib.Path) -> Columns:
    import dv_processing

    recording = dv_processing.io.MonoCameraRecording(str(file))
    store = dv_processing.EventStore()
    while recording.isRunning():
        batch = recording.getNextEventBatch()
        if batch is not None:
            store.add(batch)
    events = store.numpy()
    return _columns(events["timestamp"], events["x"], events["y"], events["polarity"])


def _tonic_io():
    """tonic.io by its file: the package itself would import audio libraries that nothing here needs."""
    for folder in sys.path:
        path = pathlib.Path(folder) / "tonic" / "io.py"
        if path.is_file():
            spec = importlib.util.spec_from_file_location("tonic_io", path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    raise ModuleNotFoundError("tonic")


def _tonic_words(file: pathlib.Path) -> tuple[numpy.ndarray, numpy.ndarray]:
    tonic = _tonic_io()
    version, start, *_ = tonic.read_aedat_header_from_file(str(file))
    words = tonic.get_aer_events_from_file(str(file), version, start)
    return words["address"].astype(numpy.int64), words["timeStamp"].astype(numpy.int64)


def tonic_davis240(file: pathlib.Path) -> Columns:
    """tonic reads any DAVIS as a 346x260 and turns both axes; words with bit 31 are intensity or inertial samples."""
    _, _, events = _tonic_io().read_davis_346(str(file))
    address, _ = _tonic_words(file)
    dvs = (address & 0x80000000) == 0
    events = events[dvs]
    return _columns(events["t"], events["x"] - (345 - 239), events["y"] - (259 - 179), events["p"])


def tonic_dvs128(file: pathlib.Path) -> Columns:
    """tonic.io.read_dvs_128 does not unpack what its header reader returns today, so its masks are applied here."""
    address, time = _tonic_words(file)
    tonic_x, tonic_y, tonic_p = (address >> 8) & 0x7F, (address >> 1) & 0x7F, address & 1
    pixel = (address & 0x8000) == 0
    return _columns(time[pixel], 127 - tonic_y[pixel], 127 - tonic_x[pixel], 1 - tonic_p[pixel])


def tonic_dvs_gesture(file: pathlib.Path) -> Columns:
    """tonic.io.read_dvs_ibm's masks, for the same reason; its times are as written."""
    address, time = _tonic_words(file)
    return _columns(numpy.maximum.accumulate(time), (address >> 17) & 0x1FFF, (address >> 2) & 0x1FFF, (address >> 1) & 1)


def tonic_nmnist(file: pathlib.Path) -> Columns:
    tonic = _tonic_io()
    events = tonic.read_mnist_file(str(file), dtype=tonic.events_struct)
    return _columns(events["t"], events["x"], events["y"], events["p"])


def numpy_csv(file: pathlib.Path) -> Columns:
    rows = numpy.loadtxt(file, delimiter=",", skiprows=1, dtype=numpy.int64)
    return _columns(rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 3])


def numpy_npz(file: pathlib.Path) -> Columns:
    with numpy.load(file) as arrays:
        return {name: arrays[name] for name in "txyp"}


def faery_writers(source: pathlib.Path, small: pathlib.Path) -> list[tuple[Writer, pathlib.Path]]:
    """Writers, each with the recording that it writes: `source`, and where the format has few pixels, `small`."""

    def writer(name: str, extension: str, recording: pathlib.Path = source, **options) -> tuple[Writer, pathlib.Path]:
        def write(folder: pathlib.Path) -> pathlib.Path:
            import faery

            path = folder / f"faery-{name}.{extension}"
            stream = faery.events_stream_from_file(recording, dimensions_fallback=(640, 480))
            stream.to_file(path, zero_t0=False, **options)
            return path

        return (f"faery {name}", write), recording

    return [
        writer("evt2", "raw", version="evt2"),
        writer("evt3", "raw", version="evt3"),
        writer("dat1", "dat", small, version="dat1"),
        writer("dat2", "dat", version="dat2"),
        writer("es", "es"),
        writer("csv", "csv"),
        writer("aedat4-none", "aedat4", compression=None),
        writer("aedat4-lz4", "aedat4", compression=("lz4", 1)),
        writer("aedat4-zstd", "aedat4", compression=("zstd", 3)),
    ]


def dv_writers(columns: Columns, size: tuple[int, int]) -> list[Writer]:
    def writer(name: str) -> Writer:
        def write(folder: pathlib.Path) -> pathlib.Path:
            import dv_processing

            path = folder / f"dv-{name}.aedat4"
            compression = getattr(dv_processing.CompressionType, name)
            config = dv_processing.io.MonoCameraWriter.EventOnlyConfig("saccade", size, compression)
            camera = dv_processing.io.MonoCameraWriter(str(path), config)
            store = dv_processing.EventStore()
            for t, x, y, p in zip(*(columns[key].tolist() for key in "txyp")):
                store.push_back(t, x, y, bool(p))
            camera.writeEvents(store)
            del camera
            return path

        return f"dv-processing {name.lower()}", write

    return [writer(name) for name in ("NONE", "LZ4", "LZ4_HIGH", "ZSTD", "ZSTD_HIGH")]
