"""What Keras took by input and by output: lists and dicts of one, in the place of that one."""

import pytest

from tests.old_scripts import MODEL, run_text

SAME = """
start = model.get_weights()

def trained(x, y, **given):
    model.set_weights(start)
    model.compile('sgd', 'categorical_crossentropy')
    return model.fit(x, y, epochs=2, verbose=0, shuffle=False, **given).history

print(trained(x, y, validation_data=(x, y)) == trained([x], [y], validation_data=([x], [y])))
print(trained(x, y, validation_split=.2) == trained([x], [y], validation_split=.2))
print((model.predict(x) == model.predict([x])).all(), len(model.predict_classes([x])))
print(model.evaluate(x, y, verbose=0) == model.evaluate([x], [y], verbose=0))
print(model.test_on_batch(x, y) == model.test_on_batch([x], [y]))
print(model.predict([x[0]]).shape, model.predict([x[:1]]).shape, model.predict([*x]).shape)
model.train_on_batch([x[:1]], [y[:1]])
model.train_on_batch([x[0]], [y[0]])
"""
CHOICES = [
    ("loss=['mse']", "mean_squared_error ['loss']"),
    ("loss={'dense_1': 'mae'}", "mean_absolute_error ['loss']"),
    ("'mape'", "mean_absolute_percentage_error ['loss']"),
    ("'kullback_leibler_divergence'", "kl_divergence ['loss']"),
    (
        "'categorical_crossentropy', ['top_k_categorical_accuracy']",
        "categorical_crossentropy ['loss', 'top_k_categorical_accuracy']",
    ),
    ("'mse', metrics={'dense_1': 'mae'}", "mean_squared_error ['loss', 'mean_absolute_error']"),
    ("'mse', metrics={'dense_1': ['mse']}", "mean_squared_error ['loss', 'mean_squared_error']"),
]


def test_a_list_of_one_array_is_that_array(tmp_path):
    ran = run_text(tmp_path, MODEL + SAME)
    assert ran.err == ""
    assert ran.lines == ["True", "True", "True 10", "True", "True", "(1, 4) (1, 4) (10, 4)"]


@pytest.mark.parametrize(("given", "printed"), CHOICES)
def test_the_choice_for_the_only_output(tmp_path, given, printed):
    text = f"{MODEL}model.compile('adam', {given})\nprint(model.loss.name, model.metrics_names)\n"
    assert run_text(tmp_path, text) == (0, f"{printed}\n", "")


@pytest.mark.parametrize("version", ["2.2.4", "2.4.3"])
def test_one_callback_is_a_list_of_one(tmp_path, version):
    text = (
        f"{MODEL}from keras.callbacks import LambdaCallback\n"
        "seen = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch))\n"
        "model.fit(x, y, epochs=2, verbose=0, callbacks=seen)\n"
    )
    assert run_text(tmp_path, text, version=version) == (0, "0\n1\n", "")
