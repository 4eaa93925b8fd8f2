"""One module for each engine, all with the same contract.

``VERSION``
    What runs, for the head of the table.
``train(workload)``
    A dictionary of ways to train it: variant name -> ``run(epochs)``.  ``run`` goes on training
    the same model for that many epochs, in whatever is the engine's natural call for many epochs,
    and returns the mean loss of the last one.  The first call may compile; it is never timed.
    Where there are several variants, the fastest one counts.
``predict(task)``
    The same for predictions: ``run(calls)`` returns the last output.  See ``prediction/``.
``product(size)``
    The same for one large matrix product: ``run(times)`` returns an element of it.

An engine may lack some of the three, or raise `Declined` with the reason.

The models start from ``workload.weights()``; Adam has Keras' defaults (``ADAM``).
A module is imported in a process of its own: a Keras backend, thread pools and compiler flags are
fixed for a process.
"""

ADAM = {"rate": 1e-3, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}

ENGINES = {  # module: what people call it
    "tinylstm": "tinylstm",
    "tinylstm_one_thread": "tinylstm, 1 thread",
    "jax_program": "JAX program",
    "jax_flags": "JAX program, flags",
    "keras_jax": "Keras on JAX",
    "keras_tensorflow": "Keras on TensorFlow",
    "pytorch": "PyTorch",
    "onnxruntime": "ONNX Runtime",
    "numpy_blas": "NumPy's BLAS",
}


class Declined(Exception):
    """An engine does not do this; the message says why."""
