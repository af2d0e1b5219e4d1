"""Travel times of 200 x 200 doors: our contracted graph beside networkx, scipy and pandana, on the same streets.

All get the same directed graph of junctions and the same nodes; every answer is compared with ours. networkx is asked
for a few rows only: it would take minutes. `pip install -e .[bench]` brings the two packages that are not ours.
"""

import random
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from routing.bench._city import City
from routing.geo import Point
from routing.roads.network import RoadNetwork
from routing.roads.osm import import_map
from routing.roads.streets import SHIFT

DOORS = 200
SIDE, BUILDINGS = 200, 1_600_000
NETWORKX_ROWS = 5
FloatArray = npt.NDArray[np.float64]
Run = Callable[[], FloatArray]


def main(files: list[str]) -> None:
    """Measure these extracts; without any, an invented city of 100,000 nodes of road and 20 MB."""
    for file in files:
        measure(Path(file))
    if not files:
        with TemporaryDirectory() as folder:
            city = Path(folder) / "city.osm.pbf"
            City(city, SIDE, BUILDINGS)
            measure(city)


def measure(file: Path) -> None:
    """Import, keep, load, and every matrix."""
    began = time.perf_counter()
    network = import_map(file).network
    say(f"{file.name}, {file.stat().st_size / 1e6:.1f} MB: import", time.perf_counter() - began, _peak())
    data = network.to_bytes()
    loaded, seconds = timed(lambda: RoadNetwork.from_bytes(data))
    say(f"load, {len(data) / 1000:.0f} kB", seconds)
    junctions = random.Random(1).sample(sorted(set(network.edges.start[network.main].tolist())), DOORS)
    points = [_position(network, junction) for junction in junctions]
    loaded.snapper  # noqa: B018 the index of streets is made once a process
    ours, seconds = timed(lambda: loaded.matrix(points).duration_s.astype(float))
    say(f"ours, {DOORS} x {DOORS} doors, {network.streets.size} junctions", seconds)
    for name, prepare in (("scipy", _scipy), ("networkx", _networkx), ("pandana", _pandana)):
        try:
            theirs, seconds = timed(prepare(network, np.array(junctions)))
        except ImportError:
            print(f"{name}: not installed")
            continue
        apart = np.abs(theirs - ours[: len(theirs)])[np.isfinite(theirs)].max()
        say(f"{name}, {len(theirs)} x {theirs.shape[1]}", seconds, f"at most {apart:.1f} s from ours")


def timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """The answer, and the fastest of three runs in seconds; of one where that took long."""
    best = np.inf
    for _ in range(3):
        began = time.perf_counter()
        answer = run()
        best = min(best, time.perf_counter() - began)
        if best > 5:
            break
    return answer, float(best)


def say(what: str, seconds: float, more: str = "") -> None:
    print(f"{what}: {seconds:.3f} s{', ' + more if more else ''}", flush=True)


def _position(network: RoadNetwork, junction: int) -> Point:
    edge = int(np.flatnonzero(network.edges.start == junction)[0])
    return network.edge_points(edge)[0]


def _seconds(network: RoadNetwork) -> FloatArray:
    return np.floor(network.streets.arcs.weight / SHIFT) / 1000


def _scipy(network: RoadNetwork, junctions: npt.NDArray[np.int64]) -> Run:
    arcs, size = network.streets.arcs, network.streets.size
    graph = csr_array((_seconds(network), (arcs.tail, arcs.head)), shape=(size, size))
    return lambda: np.asarray(dijkstra(graph, indices=junctions)[:, junctions])


def _networkx(network: RoadNetwork, junctions: npt.NDArray[np.int64]) -> Run:
    networkx = import_module("networkx")

    arcs, graph = network.streets.arcs, networkx.DiGraph()
    rows = zip(arcs.tail.tolist(), arcs.head.tolist(), _seconds(network).tolist(), strict=True)
    graph.add_weighted_edges_from(rows)

    def run() -> FloatArray:
        found = [networkx.single_source_dijkstra_path_length(graph, int(one)) for one in junctions[:NETWORKX_ROWS]]
        return np.array([[row.get(int(one), np.inf) for one in junctions] for row in found])

    return run


def _pandana(network: RoadNetwork, junctions: npt.NDArray[np.int64]) -> Run:
    pandana, pandas = import_module("pandana"), import_module("pandas")

    arcs, every = network.streets.arcs, pandas.Series(np.zeros(network.streets.size))
    weights = pandas.DataFrame({"s": _seconds(network)})
    ends = pandas.Series(arcs.tail), pandas.Series(arcs.head)
    graph = pandana.Network(every, every, *ends, weights, twoway=False)
    begin, end = np.repeat(junctions, len(junctions)), np.tile(junctions, len(junctions))
    return lambda: np.array(graph.shortest_path_lengths(begin, end, imp_name="s")).reshape(len(junctions), -1)


def _peak() -> str:
    """The most memory this process has held so far; nothing on Windows, which has another way of asking."""
    if sys.platform == "win32":
        return ""
    import resource

    return f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB"
