"""What a run meets that is not finite: each kind of it is said once, in a warning."""

from ..data.gate import compiled_finite
from ..surface.errors import warn


def look_at_gradients(run, first):
    """Say where an update met a gradient that it could not use; first: the batch of update 0."""
    rule, dtype = run.model.optimizer.rule, run.network.dtype
    if rule["unusable"][0]:
        epoch, batch = divmod(int(rule["unusable"][0]) - 1 + first, run.batches.count)
        rule["unusable"] = 0
        warn_once(
            run,
            "gradient",
            f"Some of the gradient of batch {batch} in epoch {epoch + 1} is not finite in "
            f"{dtype}, or its square is not: these parameters moved as if it were zero.",
        )


def look_at_state(run, carried, last):
    """Say where the state that batch `last` leaves is not finite."""
    if not compiled_finite(run.network.dtype)(carried):
        epoch, batch = divmod(last, run.batches.count)
        warn_once(
            run,
            "state",
            f"The state after batch {batch} in epoch {epoch + 1} is not finite: what comes "
            "next starts from it, until reset_states().",
        )


def warn_once(run, kind, message):
    """Warn of what is not finite, once of each kind in a run."""
    if kind not in run.warned:
        run.warned.add(kind)
        warn(message, RuntimeWarning)
