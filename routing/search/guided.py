"""OR-Tools' guided local search, from a plan that is already there."""

from collections.abc import Callable

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from routing.search.budget import Budget
from routing.search.model import Model, build_model
from routing.search.slots import Slots

Orders = list[list[int]]


def guide(
    slots: Slots,
    orders: Orders,
    budget: Budget,
    on_better: Callable[[Orders, int], None],
    until: Callable[[], bool] = lambda: False,
) -> None:
    """Improves ``orders`` until the budget is over, or ``until`` says so; tells every new best.

    Orders that the model refuses are not improved.
    """
    if not any(orders) or budget.over():
        return
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    metaheuristics = routing_enums_pb2.LocalSearchMetaheuristic
    parameters.local_search_metaheuristic = metaheuristics.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(max(1, int(budget.left_s * 1000)))
    model = build_model(slots, orders)
    # Closing first: reading an assignment closes the model as well, with parameters of its own.
    model.routing.CloseModelWithParameters(parameters)
    routes = [[model.manager.NodeToIndex(job + 1) for job in jobs] for jobs in orders]
    first = model.routing.ReadAssignmentFromRoutes(routes, True)
    if first is None:
        return
    watch = _Watch(model, slots, budget, first.ObjectiveValue(), on_better, until)
    model.routing.AddAtSolutionCallback(watch.at_solution)
    model.routing.AddSearchMonitor(model.routing.solver().CustomLimit(watch.over))
    model.routing.SolveFromAssignmentWithParameters(first, parameters)
    watch.model = None


class _Watch:
    """Takes every better solution down, and ends the search with the budget.

    OR-Tools keeps Python's lock while it searches; the limit's callback is also what lets other threads
    run. The model holds its callbacks, so these have to let go of the model in the end for either to be
    freed.
    """

    def __init__(
        self,
        model: Model,
        slots: Slots,
        budget: Budget,
        cost: int,
        on_better: Callable[[Orders, int], None],
        until: Callable[[], bool],
    ) -> None:
        self.model: Model | None = model
        self.slots = slots
        self.budget = budget
        self.best = cost
        self.on_better = on_better
        self.until = until

    def at_solution(self) -> None:
        """Called by OR-Tools for every solution that it accepts."""
        if self.model is None:
            return
        cost = self.model.routing.CostVar().Min()
        if cost < self.best:
            self.best = cost
            orders = self.model.orders()
            self.on_better(orders, cost + self.slots.crowding_cost(orders))

    def over(self) -> bool:
        """Called by OR-Tools all the time: whether to end."""
        return self.until() or self.budget.over()
