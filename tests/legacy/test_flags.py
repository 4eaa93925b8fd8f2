"""``tf.flags`` and ``tf.app.run``: a script reads its options as TensorFlow 1 let it."""

import pytest

from tests.old_scripts import run_text

SCRIPT = """
import tensorflow as tf
flags = tf.app.flags
flags.DEFINE_string('data', 'text', '50% of it')
flags.DEFINE_integer('hidden', 64, 'units')
tf.flags.DEFINE_float('rate', 0.5, 'learning rate')
tf.flags.DEFINE_bool('verbose', True, '')
flags.DEFINE_boolean('train', False, '')
flags.DEFINE_enum('kind', 'lstm', ['lstm', 'gru'], '')
FLAGS = flags.FLAGS

def main(_):
    print(FLAGS.data, FLAGS.hidden, tf.flags.FLAGS.rate, FLAGS.verbose, FLAGS.train, FLAGS.kind)
    FLAGS.hidden = 7
    print(FLAGS.hidden, _[1:])

if __name__ == '__main__':
    tf.app.run()
"""


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        ([], "text 64 0.5 True False lstm|7 []"),
        (
            ["--data=a b", "--hidden", "3", "--noverbose", "--train"],
            "a b 3 0.5 False True lstm|7 []",
        ),
        (["--train=false", "--rate=1e-3", "rest"], "text 64 0.001 True False lstm|7 ['rest']"),
        (["--train=True", "--kind", "gru"], "text 64 0.5 True True gru|7 []"),
    ],
)
@pytest.mark.parametrize("root", ["tensorflow", "tensorflow.compat.v1"])
def test_flags_of_the_command_line(tmp_path, root, arguments, printed):
    ran = run_text(tmp_path, SCRIPT.replace("tensorflow", root), *arguments)
    assert (ran.status, ran.lines, ran.err) == (None, printed.split("|"), "")


def test_a_flag_that_is_not_there_and_a_value_that_does_not_fit(tmp_path):
    ran = run_text(tmp_path, SCRIPT.replace("print(FLAGS.data", "print(FLAGS.date"))
    assert "No flag date; there are data, hidden, rate, verbose, train, kind." in ran.err
    ran = run_text(tmp_path, SCRIPT, "--hidden=many")
    assert ran.status == 2
    assert "argument --hidden: invalid int value: 'many'" in ran.err


def test_main_may_be_given_and_its_status_is_that_of_the_script(tmp_path):
    text = "import tensorflow as tf\ntf.app.run(main=lambda argv: len(argv))\n"
    assert run_text(tmp_path, text, "a", "b").status == 3
