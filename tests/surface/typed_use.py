"""What a user may write, for a type checker alone; nothing runs it.

A line that ends in ``# wrong: ...`` is a mistake that mypy must see, and call that; all others are
right. `test_types.py` holds mypy to it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import tinylstm
from tinylstm import (
    GRU,
    LSTM,
    RNN,
    SGD,
    Adam,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Input,
    Layer,
    Sequential,
    SimpleRNN,
    TimeDistributed,
    gradient_check,
    pad_sequences,
    sliding_windows,
    stateful_batches,
    to_categorical,
)
from tinylstm.callbacks import Callback, EarlyStopping, History, LambdaCallback, ModelCheckpoint
from tinylstm.constraints import MaxNorm
from tinylstm.initializers import VarianceScaling
from tinylstm.losses import Huber, huber
from tinylstm.metrics import AUC
from tinylstm.plotting import StateRecorder, state_strip
from tinylstm.regularizers import L1L2
from tinylstm.testing import check_layer

x, y = np.ones((8, 3, 1), np.float32), np.ones((8, 2))


# Layers.

LSTM(4, return_sequences=True, input_shape=(3, 1), name="first", dtype="float32")
LSTM(4, "tanh", "sigmoid", dropout=0.1, stateful=True, batch_input_shape=(8, 3, 1))
GRU(4, reset_after=True, go_backwards=True, state_mode="batch_carried")
SimpleRNN(4, kernel_initializer=VarianceScaling(2.0, "fan_avg"), kernel_regularizer=L1L2(l2=0.1))
Dense(2, "softmax", kernel_constraint=MaxNorm(3, axis=0), bias_regularizer="l2", trainable=False)
Dense(2, kernel_initializer=lambda shape, rng: rng.normal(size=shape))
Embedding(10, 4, mask_zero=True, input_shape=(None,))
Bidirectional(LSTM(4), merge_mode="sum", input_shape=(3, 1))
TimeDistributed(Dropout(0.5), name="dropped")

LSTM("four")  # wrong: arg-type
LSTM(4, unit=3)  # wrong: call-arg
LSTM(4, return_sequence=True)  # wrong: call-arg
LSTM()  # wrong: call-arg
LSTM(4, state_mode="carried")  # wrong: arg-type
LSTM(4, cell=3)  # wrong: call-arg
GRU(4, kernel_regularizer=0.1)  # wrong: arg-type
Dense(2, kernel_initializer=3)  # wrong: arg-type
Dense(2, input_shape=3)  # wrong: arg-type
Bidirectional(Dense(2))  # wrong: arg-type
Bidirectional(LSTM(4), "add")  # wrong: arg-type
Dropout("half")  # wrong: arg-type
RNN(4)  # wrong: call-arg


class Scaled(Layer):
    """A layer of one's own."""

    def __init__(self, factor: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.factor = factor

    def output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape


check_layer(Scaled(2.0, name="mine"), (3, 1), leave_out=["dtypes"])


# A model, its training and what that gives.

model = Sequential([Input((3, 1)), LSTM(4, name="lstm"), Dense(2)], name="model")
model.add(Dense(2, activation="softmax"))
model.compile(Adam(0.01, clipnorm=1.0), "mse", metrics=["accuracy", AUC(curve="PR")])
model.compile("sgd", loss=Huber(delta=0.5), metrics=["mae", lambda y_true, y_pred: y_pred - y_true])
model.compile(SGD(learning_rate=0.1, momentum=0.9, nesterov=True), huber)
history = model.fit(x, y, batch_size=4, epochs=2, verbose=0, validation_data=(x, y), shuffle=False)
assert_type(history, History)
losses: list[float] = history.history["loss"]
model.evaluate(x, y, return_dict=True)["loss"]
predicted = model.predict(x)
predicted.mean(axis=0)
model.optimizer.learning_rate = 0.5 * model.optimizer.learning_rate
assert_type(model.layers, list[Layer])
weights: list[NDArray[np.floating[Any]]] = model.get_weights()
model.set_weights(weights)
model.layers[0].weights["kernel"] = np.zeros((1, 16))
model.save_weights(Path("weights.safetensors"))
model.get_states()["lstm"][0].sum()
model.reset_states()
model.stop_training = True


def batches() -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """Batches without an end."""
    while True:
        yield x, y


model.fit(batches(), steps_per_epoch=3, class_weight={0: 1.0, 1: 2.0}, reset_states="epoch")
model.generate(x, 5, feedback="sample", temperature=0.5).tolist()

model.fitt(x, y)  # wrong: attr-defined
model(x)  # wrong: operator
tinylstm.LSTMN(4)  # wrong: attr-defined
model.fit(x, y, epoch=3)  # wrong: call-arg
model.fit(x, y, epochs="three")  # wrong: arg-type
model.fit(x, y, verbose=7)  # wrong: arg-type
model.fit(x, y, callbacks=[EarlyStopping])  # wrong: list-item
model.compile(Adam(lr=0.1), "mse")  # wrong: call-arg
model.compile(Adam("fast"), "mse")  # wrong: arg-type
model.compile(Adam, "mse")  # wrong: arg-type
model.compile("adam", 3)  # wrong: arg-type
model.predict(x, batch=3)  # wrong: call-arg
model.generate(x, 5, feedback="argmin")  # wrong: arg-type
model.add("dense")  # wrong: arg-type
model.layers = []  # wrong: assignment
model.set_weights(3)  # wrong: arg-type
model.optimizer.learning_rate = "slow"  # wrong: assignment
Sequential(LSTM(4))  # wrong: arg-type
Huber(delta="one")  # wrong: arg-type
AUC(curve="roc")  # wrong: arg-type


# Callbacks.


class Told(Callback):
    """A callback of one's own."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        print(epoch, self.model.name, self.params["epochs"], (logs or {})["loss"])
        self.model.stop_training = True


stopping = EarlyStopping("loss", patience=3, mode="min", restore_best_weights=True)
saving = ModelCheckpoint("{epoch}.safetensors", save_freq="epoch", verbose=1)
printing = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs))
model.fit(x, y, callbacks=[Told(), stopping, saving, printing])

EarlyStopping(patience="long")  # wrong: arg-type
EarlyStopping(mode="most")  # wrong: arg-type
ModelCheckpoint(save_freq="batch", filepath="file")  # wrong: arg-type
LambdaCallback(on_epoch=print)  # wrong: call-arg


# Data, study and settings.

windows, targets = sliding_windows(np.arange(20.0), look_back=3)
first, second, rest = stateful_batches(np.arange(20), batch_size=2, steps=3)
to_categorical([0, 1, 2], num_classes=3).sum()
pad_sequences([[1, 2], [3]], maxlen=4, padding="post", dtype="float32")
report = gradient_check(model, x, y)
assert_type(report.ok, bool)
error: float = report.worst.error
trace = model.trace(x)
gates: NDArray[Any] = trace["lstm"].i[0]
gradient: NDArray[Any] = model.backward(predicted)["lstm"]["kernel"]
stepper = model.stepper(rows=2)
stepper([[0.5], [0.25]]).tolist()
with StateRecorder(model, "lstm") as recorder:
    model.fit(x, y)
state_strip(recorder, first=0, last=3)
with model.scratch_state(zero=True):
    model.predict(x)
bytes_needed: int = model.memory(batch_size=32).total
tinylstm.set_random_seed(7)
tinylstm.set_floatx("float64")
threads: int = tinylstm.get_num_threads()

pad_sequences([[1]], padding="before")  # wrong: arg-type
sliding_windows([1, 2, 3])  # wrong: call-arg
tinylstm.set_random_seed("seven")  # wrong: arg-type
gradient_check(model)  # wrong: call-arg
model.stepper(rows="two")  # wrong: arg-type
