"""A recurrent layer of one's own: h = tanh(x W + h_prev U + b), forward and backward.

python docs/examples/own_layer.py
"""

import numpy as np

from tinylstm import (
    Dense,
    Recurrent,
    Sequential,
    gradient_check,
    kernel,
    set_random_seed,
    view,
)


@kernel
def elman_forward(layer, batch, flags, theta, work):
    """h = tanh(x W + h_prev U + b), step by step; y is every h, or each sample's last."""
    B, T, D, H = batch.rows, batch.chain * layer.steps, layer.fan_in, layer.units
    W, U = view(theta, layer.tensor[0], (D, H)), view(theta, layer.tensor[1], (H, H))
    b = view(theta, layer.tensor[2], (H,))
    x, y = view(work, layer.x, (T, B, D)), view(work, layer.y, (T // layer.every, B, H))
    h = view(work, layer.buffer[0], (T + 1, B, H))  # h[t]: what step t starts from

    h[0] = 0
    if layer.carry:
        h[0] = view(work, batch.state_in + layer.state * B, (B, H))
    for t in range(T):
        h[t + 1] = np.tanh(x[t] @ W + h[t] @ U + b)
        if (t + 1) % layer.every == 0:
            y[t // layer.every] = h[t + 1]
    view(work, batch.state_out + layer.state * B, (B, H))[:] = h[T]


@kernel
def elman_backward(layer, batch, flags, theta, grad, work):
    """dW, dU, db, dx and the gradient of the state that came in, all overwritten."""
    B, T, D, H = batch.rows, batch.chain * layer.steps, layer.fan_in, layer.units
    W, U = view(theta, layer.tensor[0], (D, H)), view(theta, layer.tensor[1], (H, H))
    dW, dU = view(grad, layer.tensor[0], (D, H)), view(grad, layer.tensor[1], (H, H))
    db = view(grad, layer.tensor[2], (H,))
    x, dx = view(work, layer.x, (T, B, D)), view(work, layer.dx, (T, B, D))
    dy = view(work, layer.dy, (T // layer.every, B, H))
    h, dz = view(work, layer.buffer[0], (T + 1, B, H)), view(work, layer.buffer[1], (T, B, H))

    dW[:], dU[:], db[:] = 0, 0, 0
    dh = view(work, batch.dstate_out + layer.state * B, (B, H)).copy()
    for t in range(T - 1, -1, -1):
        if (t + 1) % layer.every == 0:
            dh += dy[t // layer.every]
        dz[t] = dh * (1 - h[t + 1] ** 2)  # h = tanh(z)
        dW += x[t].T @ dz[t]  # z = x W + h_prev U + b
        dU += h[t].T @ dz[t]
        db += dz[t].sum(axis=0)
        dx[t] = dz[t] @ W.T
        dh = dz[t] @ U.T
    view(work, batch.dstate_in + layer.state * B, (B, H))[:] = layer.carry * dh


class Elman(Recurrent):
    """The layer: its kernels, its state, its parameters, its arrays."""

    kernels = (elman_forward, elman_backward)
    state_names = ("h",)

    def tensors(self):
        D, H = self.input_shape[-1], self.units
        W, U = ((D, H), "glorot_uniform"), ((H, H), "orthogonal")
        return {"kernel": W, "recurrent_kernel": U, "bias": ((H,), "zeros")}

    def buffers(self, steps, rows, traced=False):
        return {"h_prev": (steps + 1, rows, self.units), "dz": (steps, rows, self.units)}

    def traced(self, buffers):
        return {"h": buffers["h_prev"][1:], "dz": buffers["dz"]}


def check():
    """Compare the backward pass of two such layers with central differences."""
    model = Sequential([Elman(5, return_sequences=True), Elman(3), Dense(2)])
    model.build((None, 4, 2))
    model.compile(loss="mse")
    rng = np.random.default_rng(7)
    model.set_weights([rng.normal(scale=0.5, size=w.shape) for w in model.weights])
    return gradient_check(model, rng.normal(size=(3, 4, 2)), rng.normal(size=(3, 2)))


def train():
    """Learn the alphabet, one letter a batch, the state carried from letter to letter."""
    x = np.arange(25).reshape(25, 1, 1) / 26
    y = np.eye(26)[np.arange(1, 26)]
    first = Elman(32, stateful=True, batch_input_shape=(1, 1, 1))
    model = Sequential([first, Dense(26, activation="softmax")])
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model.fit(x, y, batch_size=1, epochs=300, verbose=0, reset_states="epoch")


if __name__ == "__main__":
    set_random_seed(7)
    print(check())
    history = train().history
    for epoch in (0, 99, 199, 299):
        loss, accuracy = history["loss"][epoch], history["accuracy"][epoch]
        print(f"epoch {epoch + 1:3}: loss {loss:.4f}, accuracy {accuracy:.2f}")
