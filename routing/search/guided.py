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
    solution_limit: int | None = None,
) -> None:
    """Improves ``orders`` until the budget is over, or so many solutions were seen; tells every new best.

    Orders that the model refuses are not improved.
    """
    if not any(orders) or budget.over():
        return
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    metaheuristics = routing_enums_pb2.LocalSearchMetaheuristic
    parameters.local_search_metaheuristic = metaheuristics.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(max(1, int(budget.left_s * 1000)))
    if solution_limit is not None:
        parameters.solution_limit = solution_limit
    model = build_model(slots)
    # Closing first: reading an assignment closes the model as well, with parameters of its own.
    model.routing.CloseModelWithParameters(parameters)
    routes = [[model.manager.NodeToIndex(job + 1) for job in jobs] for jobs in orders]
    first = model.routing.ReadAssignmentFromRoutes(routes, True)
    if first is None:
        return
    _watch(model, budget, first.ObjectiveValue(), on_better)
    model.routing.SolveFromAssignmentWithParameters(first, parameters)


def _watch(model: Model, budget: Budget, first_cost: int, on_better: Callable[[Orders, int], None]) -> None:
    """Takes every better solution down, and ends the search with the budget.

    OR-Tools keeps Python's lock while it searches; the limit's callback is also what lets other threads
    run.
    """
    best = first_cost

    def at_solution() -> None:
        nonlocal best
        cost = model.routing.CostVar().Min()
        if cost < best:
            best = cost
            on_better(model.orders(), cost)

    model.routing.AddAtSolutionCallback(at_solution)
    model.routing.AddSearchMonitor(model.routing.solver().CustomLimit(budget.over))
