"""Passes over data that change no weights: `evaluate`, `predict` and the validation of `fit`.

Source of who is told what, and when: ``evaluate`` and ``predict`` of Keras' trainer.
"""

from contextlib import closing

STOPS = {"test": "stop_evaluating", "predict": "stop_predicting"}  # what a callback may set


def run_pass(run, kind, callbacks=(), of_chunks=()):
    """Run every batch once, in compiled calls, and tell the callbacks.

    kind : "test" or "predict".
    of_chunks : those that are told of each compiled call.

    Returns the number of batches that were run.
    """
    model = run.model
    one_by_one = any(callback.looks_between(kind) for callback in callbacks)
    setattr(model, STOPS[kind], False)
    tell(callbacks, f"on_{kind}_begin", {})
    run.begin_pass()
    done = 0
    while done < run.batches.count:
        if not run.ready(done):
            break
        first, limit = done, done + 1 if one_by_one else run.batches.count
        if one_by_one:
            tell(callbacks, f"on_{kind}_batch_begin", first, {})
        done, _ = run.chunk(first, limit)
        if one_by_one:
            tell(callbacks, f"on_{kind}_batch_end", first, logs_of(run, kind, first, done))
        if of_chunks:
            tell(of_chunks, "on_chunk_end", done - first, run.scores())
        if getattr(model, STOPS[kind]):
            break
    run.end()
    if callbacks:
        tell(callbacks, f"on_{kind}_end", run.scores())
    if done == run.batches.count:
        run.end_epoch()
    return done


def logs_of(run, kind, first, done):
    """What is told of a batch: means over the pass so far, or its outputs."""
    return run.scores() if kind == "test" else {"outputs": run.outputs(done, first).copy()}


def tell(callbacks, method, *arguments):
    """Call a method of each callback."""
    for callback in callbacks:
        getattr(callback, method)(*arguments)


def watched_pass(run, kind, callbacks, verbose, display):
    """A pass of its own, with callbacks that are told whom they serve, and a kind of display."""
    if display is None and not callbacks and not run.staged:
        return run_pass(run, kind)
    params = {"epochs": 1, "verbose": verbose, **run.params()}
    for callback in callbacks:
        callback.set_model(run.model)
        callback.set_params(dict(params))
    of_chunks = [callback for callback in callbacks if callback.wants_chunks()]
    if display is None:
        return run_pass(run, kind, callbacks, of_chunks)
    display = display()
    display.set_params(run.params())
    display.on_pass_begin()
    with closing(display):
        done = run_pass(run, kind, callbacks, [*of_chunks, display])
    display.on_pass_end(run.scores())
    return done
