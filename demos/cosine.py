"""The cosine of the three cosine demos, and how a forecast is measured against it."""

import numpy as np

PERIOD, KNOWN, AHEAD = 100, 800, 500  # in steps: one wave, what is trained on, what is forecast
OFF = 0.1  # a forecast that differs by more has left the curve


def wave(steps):
    """The first steps of the cosine, scaled to 0 ... 1."""
    return (np.cos(2 * np.pi * np.arange(steps) / PERIOD) + 1) / 2


def forecast(model, look_back):
    """Continue the known wave from a zero state: each answer joins the window that is read next."""
    window, answers = wave(KNOWN)[-look_back:], []
    with model.scratch_state(zero=True):
        for _ in range(AHEAD):
            answers.append(model.predict(window.reshape(1, look_back, 1), batch_size=1).item())
            window = np.append(window[1:], answers[-1])
    return np.array(answers)


def measure(answers):
    """How far the forecast is from the wave: root of the mean square, and for how long not."""
    errors = np.abs(answers - wave(KNOWN + AHEAD)[KNOWN:])
    off = np.flatnonzero(errors > OFF)
    return {
        "RMSE (wave 0..1)": float(np.sqrt((errors**2).mean())),
        f"steps within {OFF}": int(off[0]) if len(off) else AHEAD,
    }


def describe(numbers):
    """The measures in words."""
    rmse, steps = numbers.values()
    kept = f"all {AHEAD}" if steps == AHEAD else f"the first {steps} of {AHEAD}"
    return f"RMSE {rmse:.3f} (the wave goes from 0 to 1); {kept} steps are within {OFF}"


def one_step_error(model, x, y):
    """RMSE of the next value from true windows in order and a zero state; in units of the wave."""
    with model.scratch_state(zero=True):
        return float(np.sqrt(((model.predict(x, batch_size=1) - y) ** 2).mean()))
