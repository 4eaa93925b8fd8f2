"""Models whose figures are drawn."""

from tinylstm import LSTM, Dense, Sequential

B, N, T, D, H, K = 2, 6, 3, 2, 5, 4
MODES = ("stateless", "batch_carried", "stateful")


def model_of(mode, **lstm):
    model = Sequential([LSTM(H, state_mode=mode, input_shape=(T, D), **lstm), Dense(K)])
    model.compile("adam", "mse", metrics=["mae"])
    return model


def fit(model, data, **settings):
    return model.fit(*data, batch_size=B, shuffle=False, verbose=0, **settings)
