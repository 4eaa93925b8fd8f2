"""One module for each engine, all with the same contract.

``VERSION``
    What runs, for the head of the table.
``train(workload)``
    A dictionary of ways to train it: variant name -> ``run(epochs)``.  ``run`` goes on training
    the same model for that many epochs, in whatever is the engine's natural call for many epochs,
    and returns the mean loss of the last one.  The first call may compile; it is never timed.
    Where there are several variants, the fastest one counts.

The models start from ``workload.weights()``; Adam has Keras' defaults (``ADAM``).
A module is imported in a process of its own: a Keras backend, thread pools and compiler flags are
fixed for a process.
"""

ADAM = {"rate": 1e-3, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}

ENGINES = ("tinylstm", "jax_program", "jax_flags", "keras_jax", "keras_tensorflow", "pytorch")

NOTES = {("keras_jax", True): "(state ignored)"}  # (engine, stateful): a remark in the table
