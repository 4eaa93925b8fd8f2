"""Several threads that use one model at once, each what comes to its mind.

Every method takes its turn or is refused in a sentence; afterwards the model can do everything.
"""

import threading
import traceback

import numpy as np

from tests.switching import often_switched
from tinylstm import LSTM, Dense, Input, Sequential, gradient_check
from tinylstm.plotting.recording import StateRecorder

N, T, D, B = 8, 4, 3, 4
RNG = np.random.default_rng(2)
X = RNG.normal(size=(N, T, D)).astype("float32")
THREADS, CALLS = 3, 8
SECONDS = 120  # that a round may take, on a machine with much else to do


def model_with_stepper():
    """A model, and a stepper that its threads share."""
    model = Sequential([Input((T, D)), LSTM(4, stateful=True), Dense(2), Dense(2)])
    model.compile("adam", "mse", metrics=["mae"])
    model.shared = model.stepper()
    return model


def targets(model):
    return np.ones((N, *model.output_shape[1:]), "float32")


def record(model):
    with StateRecorder(model):
        model.predict(X, B)


def scratch(model):
    with model.scratch_state(zero=True):
        model.predict(X, B)


def rate(model):
    optimizer = model.optimizer
    optimizer.learning_rate = optimizer.learning_rate / 2


def own_weights(layer):
    layer.set_weights(layer.get_weights())
    for name, array in layer.weights.items():
        layer.weights[name] = array


CALLS_OF = {
    "fit": lambda m: m.fit(X, targets(m), B, epochs=3, verbose=0),
    "fit validated": lambda m: m.fit(X, targets(m), B, verbose=0, validation_data=(X, targets(m))),
    "predict": lambda m: m.predict(X, B),
    "predict_on_batch": lambda m: m.predict_on_batch(X[:B]),
    "evaluate": lambda m: m.evaluate(X, targets(m), B),
    "train_on_batch": lambda m: m.train_on_batch(X[:B], targets(m)[:B]),
    "add": lambda m: m.add(Dense(2)),
    "pop": lambda m: len(m.layers) > 1 and m.pop(),
    "compile": lambda m: m.compile("sgd", "mse"),
    "set_weights": lambda m: m.set_weights(m.get_weights()),
    "theta": lambda m: setattr(m, "theta", m.theta),
    "reset_states": lambda m: m.reset_states(),
    "set_states": lambda m: m.set_states(m.get_states()),
    "stepper": lambda m: m.stepper()(np.zeros(D)),
    "stepper.state": lambda m: m.stepper(2).state,
    "shared stepper": lambda m: [m.shared(np.ones(D)) for _ in range(20)],
    "shared stepper.reset": lambda m: (m.shared.reset(), m.shared.copy(), m.shared.state),
    "layer": lambda m: [layer(X[:B]) for layer in m.layers[:1]],
    "weights of a layer": lambda m: [own_weights(layer) for layer in m.layers[-1:]],
    "recorder": record,
    "scratch_state": scratch,
    "learning_rate": rate,
    "weights": lambda m: (m.weights, m.trainable_weights, m.non_trainable_weights),
    "shapes": lambda m: (m.input_shape, m.output_shape, m.count_params()),
    "summary": lambda m: m.summary(print_fn=len),
    "memory": lambda m: m.memory(),
    "forward and backward": lambda m: (m.forward(X[:B]), m.backward(np.ones((B, 2)))),
    "trace": lambda m: m.trace(X[:B]),
    "copy": lambda m: m.copy(),
    "gradient_check": lambda m: gradient_check(m, X[:1], targets(m)[:1]),
    "trainable": lambda m: setattr(m, "trainable", True),
    "get_layer": lambda m: m.get_layer(index=0),
    "repr": lambda m: (repr(m), repr(m.optimizer), repr(m.layers), m.history),
}


def is_sentence(error):
    """Whether it says what was expected and what came."""
    return "\nExpected: " in str(error) and "\nReceived: " in str(error)


def use(model, names, found):
    """Make the calls; note what is not refused in a sentence."""
    for name in names:
        try:
            CALLS_OF[name](model)
        except Exception as error:
            if not is_sentence(error):
                found.append(f"{name} beside other threads: {traceback.format_exc()}")


def is_whole(model):
    """Whether a model can do everything, after all of that."""
    if not model.layers:  # all of them were taken off
        model.add(LSTM(2))
    model.compile("adam", "mse")
    y = np.ones((N, *model.output_shape[1:]), "float32")
    model.fit(X, y, B, verbose=0)
    own_weights(model.layers[0])
    return np.isfinite(model.predict(X, B)).all() and len(model.theta) == model.count_params()


def attack(tries, seed):
    """So many rounds, each with a model of its own."""
    rng = np.random.default_rng(seed)
    use(model_with_stepper(), CALLS_OF, [])  # kernels are compiled before threads hinder each other
    with often_switched():
        for _ in range(tries):
            model, found = model_with_stepper(), []
            plans = rng.choice([*CALLS_OF], (THREADS, CALLS)).tolist()
            threads = [
                threading.Thread(target=use, args=(model, plan, found), daemon=True)
                for plan in plans
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(SECONDS)
            if any(thread.is_alive() for thread in threads):
                yield f"After {SECONDS} seconds threads still wait for each other: {plans}."
                return
            yield from found
            if not is_whole(model):
                yield f"After {plans} the model is not whole."
