"""The day as a routing model of OR-Tools: one vehicle for every slot.

Node and vehicle numbers are those of ``slots``. Tables are registered as matrices, never as callbacks,
which would cost a third of the search.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp

from routing.search.slots import OFFICE_NODE, Slots


@dataclass(frozen=True, slots=True)
class Model:
    """A routing model, ready to be closed and solved, with the manager of its indices."""

    routing: Any
    manager: Any

    def orders(self, assignment: Any = None) -> list[list[int]]:
        """The jobs of every slot: in a given assignment, or in the solution that the search has just found."""
        routing = self.routing
        orders = []
        for vehicle in range(routing.vehicles()):
            jobs: list[int] = []
            index = self._next(assignment, routing.Start(vehicle))
            while not routing.IsEnd(index):
                jobs.append(self.manager.IndexToNode(index) - 1)
                index = self._next(assignment, index)
            orders.append(jobs)
        return orders

    def _next(self, assignment: Any, index: int) -> int:
        variable = self.routing.NextVar(index)
        return int(variable.Value() if assignment is None else assignment.Value(variable))


def build_model(slots: Slots, orders: Sequence[Sequence[int]]) -> Model:
    """The model of everything that holds and costs in the slots.

    Unfair shares are no price here but a bound: no shift gets more visits than its share, or than it has in
    ``orders``, the plan that the search starts from.
    """
    starts = [slot.start_node for slot in slots.slots]
    manager = pywrapcp.RoutingIndexManager(len(slots.time_s), len(slots.slots), starts, [OFFICE_NODE] * len(starts))
    model = Model(pywrapcp.RoutingModel(manager), manager)
    _price(model, slots)
    _add_time(model, slots)
    _add_loads(model, slots)
    _allow(model, slots)
    _bound_shares(model, slots, orders)
    return model


def _price(model: Model, slots: Slots) -> None:
    """Travel, with a surcharge on entering a job; and what leaving a job out costs."""
    evaluators: dict[bytes, int] = {}
    for vehicle, slot in enumerate(slots.slots):
        surcharge = slots.surcharge[:, vehicle]
        key = surcharge.tobytes()
        if key not in evaluators:
            table = slots.arc_cost.copy()
            table[:, 1 : len(surcharge) + 1] += surcharge
            evaluators[key] = model.routing.RegisterTransitMatrix(table.tolist())
        model.routing.SetArcCostEvaluatorOfVehicle(evaluators[key], vehicle)
        if slot.stays:
            model.routing.SetVehicleUsedWhenEmpty(True, vehicle)
    for job, asked in enumerate(slots.problem.jobs):
        penalty = asked.priority * slots.problem.prices.unserved
        model.routing.AddDisjunction([model.manager.NodeToIndex(job + 1)], penalty)


def _add_time(model: Model, slots: Slots) -> None:
    routing, solver = model.routing, model.routing.solver()
    horizon_s = max(slot.back_s for slot in slots.slots)
    transit = routing.RegisterTransitMatrix(np.minimum(slots.time_s, 2 * horizon_s).tolist())
    routing.AddDimension(transit, horizon_s, horizon_s, False, "time")
    time = routing.GetDimensionOrDie("time")
    for vehicle, slot in enumerate(slots.slots):
        time.CumulVar(routing.Start(vehicle)).SetRange(slot.leave_s, slot.back_s)
        time.CumulVar(routing.End(vehicle)).SetRange(slot.leave_s, slot.back_s)
        routing.AddVariableMinimizedByFinalizer(time.CumulVar(routing.Start(vehicle)))
        routing.AddVariableMinimizedByFinalizer(time.CumulVar(routing.End(vehicle)))
    for job, asked in enumerate(slots.problem.jobs):
        windows = sorted(asked.windows)
        if not windows or not slots.may_ride[job].any():
            continue
        start = time.CumulVar(model.manager.NodeToIndex(job + 1))
        start.SetRange(max(0, windows[0].start_s), min(horizon_s, max(w.end_s for w in windows)))
        for before, after in pairwise(windows):
            if before.end_s + 1 < after.start_s:
                start.RemoveInterval(before.end_s + 1, after.start_s - 1)
    for own in slots.of_shift:
        for one, other in pairwise(own):
            if slots.slots[one].back_s + slots.problem.handling_s <= slots.slots[other].leave_s:
                continue
            took_place = 1 if slots.slots[one].stays else routing.ActiveVehicleVar(one)
            free_s = time.CumulVar(routing.End(one)) + took_place * slots.problem.handling_s
            idle = 1 - routing.ActiveVehicleVar(other)
            solver.Add(time.CumulVar(routing.Start(other)) + idle * (2 * horizon_s) >= free_s)


def _add_loads(model: Model, slots: Slots) -> None:
    """Bags: what is to be handed out is in them from the start, what is taken in stays to the end.

    The dimension ``load`` is what is in the bag; it has to begin with all that the dimension ``out`` adds
    up to.
    """
    jobs = slots.problem.jobs
    routing, solver = model.routing, model.routing.solver()
    nodes = len(slots.time_s)
    capacities = [slot.capacity for slot in slots.slots]
    changes, outs = [0] * nodes, [0] * nodes
    for node, job in enumerate(jobs, start=1):
        changes[node] = job.collect - job.deliver
        outs[node] = 0 if job.aboard else job.deliver
    change = routing.RegisterUnaryTransitVector(changes)
    out = routing.RegisterUnaryTransitVector(outs)
    routing.AddDimensionWithVehicleCapacity(change, 0, capacities, False, "load")
    load = routing.GetDimensionOrDie("load")
    routing.AddDimensionWithVehicleCapacity(out, 0, capacities, True, "out")
    total = routing.GetDimensionOrDie("out")
    for vehicle, slot in enumerate(slots.slots):
        begins = load.CumulVar(routing.Start(vehicle))
        solver.Add(begins == total.CumulVar(routing.End(vehicle)) + slot.load)


def _bound_shares(model: Model, slots: Slots, orders: Sequence[Sequence[int]]) -> None:
    routing = model.routing
    ones = routing.RegisterUnaryTransitVector([0, *[1] * len(slots.problem.jobs), *[0] * _starts_away(slots)])
    routing.AddDimension(ones, 0, len(slots.problem.jobs), True, "visits")
    visits = routing.GetDimensionOrDie("visits")
    for own, share in zip(slots.of_shift, slots.share, strict=True):
        if own:
            most = max(share, sum(len(orders[s]) for s in own))
            routing.solver().Add(sum(visits.CumulVar(routing.End(s)) for s in own) <= most)


def _starts_away(slots: Slots) -> int:
    return len(slots.time_s) - 1 - len(slots.problem.jobs)


def _allow(model: Model, slots: Slots) -> None:
    vehicles = np.arange(len(slots.slots))
    for job, row in enumerate(slots.may_ride):
        if not row.all():
            index = model.manager.NodeToIndex(job + 1)
            model.routing.VehicleVar(index).SetValues([-1, *vehicles[row].tolist()])
